/**
 * Courses on disk. A folder holds course.yaml and Markdown: numbered lessons, welcome.md and completion.md
 * for a course; pages of level-2 sections, one inspiration each, and welcome.md for a daily.
 */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import {
  type Course,
  type Daily,
  type Inspiration,
  isSlug,
  type Lesson,
  type Letter,
  type Series,
} from '../domain/course.ts'
import { ContentError, type Fault, Faults } from '../domain/faults.ts'
import { readSlugs, readTexts } from './files.ts'
import { readPage, readYaml, type Text } from './front-matter.ts'
import { courseKeys, lessonKeys, letterKeys, MOST } from './keys.ts'
import { sections, strayHeadings, toHtml } from './markdown.ts'
import { checkSlots } from './slots.ts'

/** A folder of a series, as it was found: what could be made of it, and its files. */
export interface Found {
  readonly slug: string
  /** Null, or incomplete, where there are faults. */
  readonly series: Series | null
  readonly texts: readonly Text[]
  readonly faults: readonly Fault[]
}

/** Reads every series under `folder`, in order of slug. Throws ContentError with all faults of all folders. */
export async function loadCourses(folder: string): Promise<Series[]> {
  const { found, faults } = await readCourses(folder)
  if (faults.length > 0) throw new ContentError(faults)
  return found.map(({ series }) => series).filter((one) => one !== null)
}

/** Reads what there is, broken or not: each folder with its faults, and all faults together. */
export async function readCourses(folder: string): Promise<{ found: Found[]; faults: readonly Fault[] }> {
  const own = new Faults()
  const slugs = await readSlugs(folder, own)
  const found = await Promise.all(slugs.map((slug) => readFolder(folder, slug)))
  if (own.all.length === 0 && found.length === 0)
    own.add('.', 1, 'holds no course; make a folder with a course.yaml')
  return { found, faults: [...own.all, ...found.flatMap(({ faults }) => faults)] }
}

async function readFolder(folder: string, slug: string): Promise<Found> {
  const faults = new Faults()
  if (!isSlug(slug)) {
    faults.add(slug, 1, 'is not a usable folder name; use lower-case letters, digits and hyphens')
    return { slug, series: null, texts: [], faults: faults.all }
  }
  const texts = await readTexts(folder, slug, faults)
  return { slug, series: readSeries(slug, texts, faults), texts, faults: faults.all }
}

/** The same for files that are at hand: name, without the folder, to text. */
export function readFiles(slug: string, files: Readonly<Record<string, string>>): Found {
  const faults = new Faults()
  const names = Object.keys(files).sort()
  const texts = names.map((name) => ({ file: `${slug}/${name}`, text: files[name] ?? '' }))
  return { slug, series: readSeries(slug, texts, faults), texts, faults: faults.all }
}

/** The files of a folder as they were found, by their names. */
export const filesOf = ({ slug, texts }: Found): Record<string, string> =>
  Object.fromEntries(texts.map(({ file, text }) => [file.slice(slug.length + 1), text]))

/** Names the content of a folder: equal for equal files. */
export const digestOf = (found: Found): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(filesOf(found))))
    .digest('hex')
    .slice(0, 32)

function readSeries(slug: string, texts: Text[], faults: Faults): Series | null {
  for (const text of texts) checkSlots(text, faults)
  const settings = texts.find(({ file }) => file === `${slug}/course.yaml`)
  if (!settings) {
    faults.add(`${slug}/course.yaml`, 1, 'is missing; it names the series')
    return null
  }
  const read = readYaml(courseKeys, settings, faults)
  const welcome = readLetter(texts, `${slug}/welcome.md`, faults)
  if (!read) {
    // What is wrong with the lessons is told at once, not after course.yaml has been mended.
    if (/^kind:\s*course\b/m.test(settings.text)) readLessons(slug, texts, faults)
    return null
  }
  const { data: keys, lineOf } = read
  return keys.kind === 'course'
    ? readCourse({ ...keys, slug, lineOf }, welcome, texts, faults)
    : readDaily({ ...keys, slug }, welcome, texts, faults)
}

type Keys<K extends 'course' | 'daily'> = Extract<z.infer<typeof courseKeys>, { kind: K }> & { slug: string }
type LineOf = { lineOf: (...path: PropertyKey[]) => number }

function readCourse(
  { lineOf, ...keys }: Keys<'course'> & LineOf,
  welcome: Letter | null,
  texts: Text[],
  faults: Faults,
): Course | null {
  const completion = readLetter(texts, `${keys.slug}/completion.md`, faults)
  const lessons = readLessons(keys.slug, texts, faults)
  const days = texts.filter(({ file }) => isLesson(file)).length
  const file = `${keys.slug}/course.yaml`
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
  return welcome && completion && { ...keys, welcome, completion, lessons }
}

const LESSON = /\/(\d+)-(.+)\.md$/
const isLesson = (file: string) => LESSON.test(file)

/** The lessons in order: days run from 1 without a gap, no name and no subject twice. */
function readLessons(slug: string, texts: Text[], faults: Faults): Lesson[] {
  const lessons: Lesson[] = []
  const names = texts.map(({ file }) => LESSON.exec(file)?.[2]).filter((name) => name !== undefined)
  const seen: Seen = { subjects: new Map(), aliases: new Map() }
  for (const text of texts) {
    const [, number = '', name = ''] = LESSON.exec(text.file) ?? []
    if (!name) {
      const known = ['course.yaml', 'welcome.md', 'completion.md'].includes(text.file.slice(slug.length + 1))
      if (!known) faults.add(text.file, 1, 'is not part of a course; name lessons like 07-a-title.md')
      continue
    }
    const day = lessonsBefore(texts, text) + 1
    if (Number(number) !== day) {
      faults.add(
        text.file,
        1,
        `has number ${number} where day ${day} should come; number lessons from 01 without a gap`,
      )
    }
    if (names.filter((other) => other === name).length > 1)
      faults.add(text.file, 1, `repeats the name "${name}"; rename one`)
    const lesson = readLesson(text, { day, name, names }, seen, faults)
    if (lesson) lessons.push(lesson)
  }
  return lessons
}

const lessonsBefore = (texts: Text[], text: Text) =>
  texts.slice(0, texts.indexOf(text)).filter(({ file }) => isLesson(file)).length

interface Place {
  readonly day: number
  readonly name: string
  /** Of all lessons. */
  readonly names: readonly string[]
}

/** On which day each stood first. */
interface Seen {
  readonly subjects: Map<string, number>
  readonly aliases: Map<string, number>
}

function readLesson(text: Text, { day, name, names }: Place, seen: Seen, faults: Faults): Lesson | null {
  const page = readPage(lessonKeys, text, faults)
  if (!page) return null
  const first = seen.subjects.get(page.data.subject)
  if (first) {
    faults.add(
      text.file,
      page.lineOf('subject'),
      `subject: is the same as on day ${first}; give each lesson its own`,
    )
  }
  seen.subjects.set(page.data.subject, first ?? day)
  const { intro, sections: found } = sections(page.body)
  for (const at of strayHeadings(page.body)) {
    faults.add(
      text.file,
      page.offset + at,
      'has a heading that is not level 2; a lesson has one heading, ## its practice',
    )
  }
  const [practice, second] = found
  if (!intro.trim()) faults.add(text.file, page.offset + 1, 'has no text before its practice')
  if (!practice) {
    faults.add(
      text.file,
      page.offset + 1,
      'has no practice; add a heading "## Its title" and the steps below it',
    )
    return null
  }
  if (second)
    faults.add(
      text.file,
      page.offset + second.line,
      'has a second heading; a lesson has one, ## its practice',
    )
  if (!practice.title) faults.add(text.file, page.offset + practice.line, 'has a practice without a title')
  if (!practice.markdown.trim())
    faults.add(text.file, page.offset + practice.line, 'has a practice without steps')
  const { subject, preheader, minutes, question, carry, aliases, late } = page.data
  for (const [index, alias] of aliases.entries()) {
    const other = seen.aliases.get(alias)
    const whose =
      alias === name
        ? 'the name it has'
        : names.includes(alias)
          ? 'the name of another lesson'
          : other && `an earlier name of day ${other}`
    if (whose)
      faults.add(text.file, page.lineOf('aliases', index), `aliases: "${alias}" is ${whose}; remove it`)
    seen.aliases.set(alias, day)
  }
  return {
    ...{ id: aliases[0] ?? name, name, day, subject, preheader, question, carry, late },
    html: toHtml(intro),
    practice: { title: practice.title, minutes, html: toHtml(practice.markdown) },
  }
}

function readLetter(texts: Text[], file: string, faults: Faults): Letter | null {
  const text = texts.find((one) => one.file === file)
  if (!text) {
    faults.add(file, 1, 'is missing; give it subject and preheader between lines of ---, then its text')
    return null
  }
  const page = readPage(letterKeys, text, faults)
  if (page && !page.body.trim()) faults.add(file, page.offset + 1, 'has no text')
  return page && { ...page.data, html: toHtml(page.body) }
}

function readDaily(keys: Keys<'daily'>, welcome: Letter | null, texts: Text[], faults: Faults): Daily | null {
  const inspirations: Inspiration[] = []
  const titles = new Set<string>()
  for (const text of texts) {
    if (/\/(course\.yaml|welcome\.md)$/.test(text.file)) continue
    const { intro, sections: found } = sections(text.text)
    if (intro.trim()) faults.add(text.file, 1, 'has text before its first heading; begin with ## a title')
    for (const at of strayHeadings(text.text)) {
      faults.add(
        text.file,
        at,
        'has a heading that is not level 2; each inspiration begins with ## its title',
      )
    }
    for (const { title, line: at, markdown } of found) {
      if (!title) faults.add(text.file, at, 'has a heading without a title; it is the subject of the mail')
      if (titles.has(title))
        faults.add(text.file, at, `repeats the title "${title}"; give each inspiration its own`)
      if (title.length > MOST.subject)
        faults.add(
          text.file,
          at,
          `has a title over ${MOST.subject} characters; it is the subject of the mail`,
        )
      if (!markdown.trim()) faults.add(text.file, at, 'has a title without a text')
      titles.add(title)
      inspirations.push({ title, html: toHtml(markdown) })
    }
  }
  if (inspirations.length === 0)
    faults.add(`${keys.slug}/course.yaml`, 1, 'has no inspirations; add a file with ## headings')
  return welcome && { ...keys, welcome, inspirations }
}
