/**
 * Courses on disk. A folder holds course.yaml and Markdown: numbered lessons, welcome.md and
 * completion.md for a course; pages of level-2 sections, one inspiration each, and welcome.md for a
 * daily.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { z } from 'zod'
import {
  type Course,
  type Daily,
  type Inspiration,
  isSlug,
  type Letter,
  type Series,
} from '../domain/course.ts'
import { ContentError, Faults, type Finding } from '../domain/finding.ts'
import type { OwnField } from '../domain/own-fields.ts'
import { draftIn } from './draft.ts'
import { checkFieldSlots } from './field-slots.ts'
import { readSlugs, readTexts, textsInOrder } from './files.ts'
import { readYaml, type Text } from './front-matter.ts'
import { courseKeys, MOST_CHARACTERS } from './keys.ts'
import { lessonIn, readLessons, readLetter, type SeriesTexts } from './lessons.ts'
import { markdownToHtml, sections, strayHeadings, typographic } from './markdown.ts'
import { describe, describedAs, type FoundMedia, readMedia, withMedia } from './media.ts'
import { isText } from './names.ts'
import { checkSlots } from './slots.ts'

/** A folder of a series, as it was found: what could be made of it, and its files. */
export interface CourseFolder {
  readonly slug: string
  /** Null, or incomplete, where there are faults. */
  readonly series: Series | null
  readonly texts: readonly Text[]
  /** The pictures and files that the texts refer to. */
  readonly media: readonly FoundMedia[]
  readonly faults: readonly Finding[]
  /** Why it is a draft, which readers get nothing of; null when it is none. */
  readonly draft: string | null
}

/**
 * Reads every series under `folder`, in order of slug. Throws ContentError with all faults of all
 * folders.
 */
export async function loadCourses(folder: string): Promise<Series[]> {
  const { folders, faults } = await readCourses(folder)
  if (faults.length > 0) throw new ContentError(faults)
  return folders.map(({ series }) => series).filter((course) => course !== null)
}

/** Reads what there is, broken or not: each folder with its faults, and all faults together. */
export async function readCourses(
  folder: string,
): Promise<{ folders: CourseFolder[]; faults: readonly Finding[] }> {
  const folderFaults = new Faults()
  const slugs = await readSlugs(folder, folderFaults)
  const folders = await Promise.all(slugs.map((slug) => readFolder(folder, slug)))
  if (folderFaults.all.length === 0 && folders.length === 0)
    folderFaults.add('.', 1, 'contains no course; create a folder with a course.yaml')
  return { folders, faults: [...folderFaults.all, ...folders.flatMap(({ faults }) => faults)] }
}

async function readFolder(folder: string, slug: string): Promise<CourseFolder> {
  const faults = new Faults()
  if (!isSlug(slug)) {
    faults.add(slug, 1, 'is not a usable folder name; use lowercase letters, digits and hyphens')
    return { slug, series: null, texts: [], media: [], faults: faults.all, draft: null }
  }
  const texts = await readTexts(folder, slug, faults)
  const media = await readMedia(join(folder, slug), texts, faults)
  return cachedFolder({ slug, texts, media }, faults)
}

/** The same for files that are at hand, as `filesOf` gives them. */
export function readFiles(slug: string, files: Readonly<Record<string, string>>): CourseFolder {
  const all = Object.entries(files)
  const texts = all
    .filter(([name]) => isText(name))
    .map(([name, text]) => ({ file: `${slug}/${name.normalize('NFC')}`, text }))
  const media = all
    .filter(([name]) => !isText(name))
    .map(([name, description]) => describedAs(name, description))
  return cachedFolder({ slug, texts: textsInOrder(texts), media }, new Faults())
}

/**
 * What was read of late, by its files: a folder is read, and then what is live, which is the same.
 */
const read = new Map<string, CourseFolder>()
const KEPT = 16

type Files = Pick<CourseFolder, 'slug' | 'media'> & { readonly texts: Text[] }

function cachedFolder(files: Files, faults: Faults): CourseFolder {
  // Files that could not be read are not among the texts.
  if (faults.all.length > 0) return parsed(files, faults)
  const key = createHash('sha256').update(JSON.stringify(files)).digest('base64')
  const parsedFolder = read.get(key) ?? parsed(files, faults)
  read.delete(key)
  read.set(key, parsedFolder)
  const [oldest = ''] = read.keys()
  if (read.size > KEPT) read.delete(oldest)
  return parsedFolder
}

function parsed({ slug, texts, media }: Files, faults: Faults): CourseFolder {
  const { series, draft } = readSeries(slug, texts, faults)
  return {
    slug,
    series: series && withMedia(series, media),
    texts,
    media,
    faults: faults.all,
    draft: draftIn(slug, texts, draft),
  }
}

/**
 * The files of a folder as they were found, by their names: of pictures and other files what
 * describes them.
 */
export const filesOf = ({ slug, texts, media }: CourseFolder): Record<string, string> =>
  Object.fromEntries([
    ...texts.map(({ file, text }) => [file.slice(slug.length + 1), text]),
    ...media.map((one) => [one.name, describe(one)]),
  ])

/** Names the content of a folder: equal for equal files. */
export const digestOf = (folder: CourseFolder): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(filesOf(folder)).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')
    .slice(0, 32)

interface ReadSeries {
  readonly series: Series | null
  /** Absent where course.yaml cannot be read. */
  readonly draft?: boolean
}

function readSeries(slug: string, texts: Text[], faults: Faults): ReadSeries {
  for (const text of texts) checkSlots(text, faults)
  const settings = texts.find(({ file }) => file === `${slug}/course.yaml`)
  if (!settings) {
    faults.add(`${slug}/course.yaml`, 1, 'is missing; it names the series')
    return { series: null }
  }
  const read = readYaml(courseKeys, settings, faults)
  const language = read?.data.language ?? ''
  const written: SeriesTexts = { slug, language, texts }
  const welcome = readLetter(`${slug}/welcome.md`, written, faults)
  if (!read) {
    // What is wrong with the lessons is told at once, not after course.yaml has been mended.
    if (/^kind:\s*course\b/m.test(settings.text)) readLessons(written, faults)
    return { series: null }
  }
  const { draft, ...keys } = read.data
  checkFieldSlots(texts, (keys.kind === 'course' && keys.fields) || [], faults)
  const series =
    keys.kind === 'course'
      ? readCourse({ ...inPrint(keys), lineOf: read.lineOf }, { ...written, welcome }, faults)
      : readDaily(inPrint(keys), { ...written, welcome }, faults)
  return { series, draft }
}

type Keys<K extends 'course' | 'daily'> = Omit<
  Extract<z.infer<typeof courseKeys>, { kind: K }>,
  'draft'
>
type Within = SeriesTexts & { readonly welcome: Letter | null }
type LineOf = { lineOf: (...path: PropertyKey[]) => number }

/** The words of course.yaml: its description is Markdown, all else are lines of plain text. */
function inPrint<K extends Keys<'course'> | Keys<'daily'>>(keys: K): K {
  const { language, theme } = keys
  const line = (text: string) => typographic(text, language)
  const { logoAlt, footer } = theme ?? {}
  return {
    ...keys,
    title: line(keys.title),
    summary: line(keys.summary),
    author: line(keys.author),
    description: markdownToHtml(keys.description, language),
    ...(keys.kind === 'course' && {
      parts: keys.parts.map((part) => ({
        ...part,
        title: line(part.title),
        summary: line(part.summary),
      })),
      ...(keys.fields && { fields: keys.fields.map((field) => fieldInPrint(field, line)) }),
    }),
    ...(theme && {
      theme: {
        ...theme,
        ...(logoAlt !== undefined && { logoAlt: line(logoAlt) }),
        ...(footer !== undefined && { footer: line(footer) }),
      },
    }),
  }
}

const fieldInPrint = (field: OwnField, line: (text: string) => string): OwnField => ({
  ...field,
  label: line(field.label),
  ...(field.type === 'choice' && { choices: field.choices.map(line) }),
})

function readCourse(
  { lineOf, ...keys }: Keys<'course'> & LineOf,
  written: Within,
  faults: Faults,
): Course | null {
  const { slug, texts, welcome } = written
  const completion = readLetter(`${slug}/completion.md`, written, faults)
  const lessons = readLessons(written, faults)
  const days = texts.filter(({ file }) => lessonIn(file)).length
  const file = `${slug}/course.yaml`
  if (days === 0) faults.add(file, 1, 'has no lessons; add a file like 01-a-title.md')
  for (const [index, part] of keys.parts.entries()) {
    if (part.from > part.to || part.to > days) {
      faults.add(
        file,
        lineOf('parts', index),
        `parts: "${part.title}" runs from ${part.from} to ${part.to} of ${days} days`,
      )
    }
  }
  return welcome && completion && { ...keys, slug, welcome, completion, lessons }
}

function readDaily(
  keys: Keys<'daily'>,
  { slug, language, texts, welcome }: Within,
  faults: Faults,
): Daily | null {
  const inspirations: Inspiration[] = []
  const titles = new Set<string>()
  for (const text of texts) {
    if (/\/(course\.yaml|welcome\.md)$/.test(text.file)) continue
    const { intro, sections: headed } = sections(text.text, language)
    if (intro.trim())
      faults.add(text.file, 1, 'has text before its first heading; start with ## and a title')
    for (const at of strayHeadings(text.text)) {
      faults.add(
        text.file,
        at,
        'has a heading that is not level 2; each inspiration starts with ## and its title',
      )
    }
    for (const { title, line: at, markdown } of headed) {
      if (!title)
        faults.add(
          text.file,
          at,
          'has a heading without a title; it becomes the subject of the mail',
        )
      if (titles.has(title))
        faults.add(text.file, at, `repeats the title "${title}"; give each inspiration its own`)
      if (title.length > MOST_CHARACTERS.subject)
        faults.add(
          text.file,
          at,
          `has a title over ${MOST_CHARACTERS.subject} characters; it becomes the subject of the mail`,
        )
      if (!markdown.trim()) faults.add(text.file, at, 'has a title but no text')
      titles.add(title)
      inspirations.push({ title, html: markdownToHtml(markdown, language) })
    }
  }
  if (inspirations.length === 0)
    faults.add(`${slug}/course.yaml`, 1, 'has no inspirations; add a file with ## headings')
  return welcome && { ...keys, slug, welcome, inspirations }
}
