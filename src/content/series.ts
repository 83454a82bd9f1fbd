/** Reads the files of a folder as one series: settings, letters, and lessons or inspirations. */
import type { z } from 'zod'
import type { Course, Daily, Inspiration, Letter, Newsletter, Series } from '../domain/course.ts'
import { Faults } from '../domain/finding.ts'
import type { OwnField } from '../domain/own-fields.ts'
import { checkBlocks } from './block-faults.ts'
import { checkFieldSlots, checkGreeting } from './field-slots.ts'
import { readYaml, type TextFile } from './front-matter.ts'
import { courseKeys, MAX_CHARACTERS } from './keys.ts'
import { checkNumbers, lessonFiles, readLessons, readLetter, type SeriesTexts } from './lessons.ts'
import { markdownToHtml, sections, strayHeadings, typographic } from './markdown.ts'
import { checkSlots } from './slots.ts'
import { typographicTheme } from './theme.ts'

/** The files of a folder, including those of lessons that do not count yet. */
export interface FolderTexts {
  readonly slug: string
  readonly all: readonly TextFile[]
}

export interface SeriesFiles extends FolderTexts {
  /** The files that count. */
  readonly texts: readonly TextFile[]
  /** A live series may have gaps in its numbers, left by lessons still to come. */
  readonly of: 'folder' | 'live'
}
/** Reads a series; null, or incomplete, if there are faults. */
export function readSeries({ slug, all, texts, of }: SeriesFiles, faults: Faults): Series | null {
  for (const text of texts) checkSlots(text, faults)
  const settings = texts.find(({ file }) => file === `${slug}/course.yaml`)
  if (!settings) {
    faults.add(`${slug}/course.yaml`, 1, 'is missing; it names the series')
    return null
  }
  const read = readYaml(courseKeys, settings, faults)
  const language = read?.data.language ?? ''
  const written: SeriesTexts = { slug, language, texts }
  const welcome = readLetter(`${slug}/welcome.md`, written, faults)
  const isCourse = read ? read.data.kind === 'course' : /^kind:\s*course\b/m.test(settings.text)
  if (isCourse && of === 'folder') checkNumbersOf(all, texts, faults)
  if (!read) {
    // Faults of lessons are reported now, not only after course.yaml has been fixed.
    if (isCourse) readLessons(written, faults)
    return null
  }
  const { draft: _, publish: __, ...keys } = read.data
  checkFieldSlots(texts, (keys.kind === 'course' && keys.fields) || [], faults)
  checkGreeting(settings.file, read, faults)
  checkBlocks(
    { file: settings.file, body: keys.description, offset: read.lineOf('description') },
    faults,
  )
  if (keys.kind === 'daily')
    return readDaily(typographicKeys(keys), { ...written, welcome }, faults)
  if (keys.kind === 'letter')
    return readNewsletter(typographicKeys(keys), { ...written, welcome }, faults)
  return readCourse(
    { ...typographicKeys(keys), lineOf: read.lineOf },
    { ...written, all, of, welcome },
    faults,
  )
}

/** A wrong number is a fault of its lesson, unless the lesson is left out. */
function checkNumbersOf(files: readonly TextFile[], texts: readonly TextFile[], faults: Faults) {
  const found = new Faults()
  checkNumbers(files, found)
  faults.all.push(...found.all.filter(({ file }) => texts.some((text) => text.file === file)))
}

type Keys<K extends Series['kind']> = Omit<
  Extract<z.infer<typeof courseKeys>, { kind: K }>,
  'draft' | 'publish'
>
type Within = SeriesTexts & { readonly welcome: Letter | null }
type LineOf = { lineOf: (...path: PropertyKey[]) => number }

/** Applies typography to course.yaml: the description is Markdown, all else plain text. */
function typographicKeys<K extends { [kind in Series['kind']]: Keys<kind> }[Series['kind']]>(
  keys: K,
): K {
  const { language, theme, greeting, labels } = keys
  const line = (text: string) => typographic(text, language)
  return {
    ...keys,
    title: line(keys.title),
    summary: line(keys.summary),
    author: line(keys.author),
    description: markdownToHtml(keys.description, language),
    ...(greeting !== undefined && { greeting: line(greeting) }),
    ...(labels && {
      labels: Object.fromEntries(Object.entries(labels).map(([key, text]) => [key, line(text)])),
    }),
    ...(keys.kind === 'course' && {
      parts: keys.parts.map((part) => ({
        ...part,
        title: line(part.title),
        summary: line(part.summary),
      })),
      ...(keys.fields && { fields: keys.fields.map((field) => fieldInPrint(field, line)) }),
    }),
    ...(theme && { theme: typographicTheme(theme, line) }),
  }
}

const fieldInPrint = (field: OwnField, line: (text: string) => string): OwnField => ({
  ...field,
  label: line(field.label),
  ...(field.type === 'choice' && { choices: field.choices.map(line) }),
})

function readCourse(
  { lineOf, ...keys }: Keys<'course'> & LineOf,
  written: Within & SeriesFiles,
  faults: Faults,
): Course | null {
  const { slug, all, of, texts, welcome } = written
  const ending = `${slug}/completion.md`
  const isNeeded = !keys.open || texts.some(({ file }) => file === ending)
  const completion = isNeeded ? readLetter(ending, written, faults) : null
  const lessons = readLessons(written, faults)
  const days = lessonFiles(all).length
  const file = `${slug}/course.yaml`
  checkSchedule({ file, keys, lineOf }, faults)
  if (lessonFiles(texts).length === 0)
    faults.add(file, 1, 'has no lessons; add a file like 01-a-title.md')
  for (const [index, part] of keys.parts.entries()) {
    if (of === 'folder' && (part.from > part.to || part.to > days)) {
      faults.add(
        file,
        lineOf('parts', index),
        `parts: "${part.title}" runs from ${part.from} to ${part.to} of ${days} days`,
      )
    }
  }
  const parts = partsByDay(keys.parts, texts)
  if (!completion && isNeeded) return null
  return welcome && { ...keys, parts, slug, welcome, completion, lessons }
}

function checkSchedule(
  { file, keys, lineOf }: { file: string; keys: Keys<'course'> } & LineOf,
  faults: Faults,
) {
  if (keys.starts && keys.first === 'at once')
    faults.add(file, lineOf('first'), 'first: cannot be at once in a course with starts; remove it')
  if (keys.joining && !keys.starts)
    faults.add(file, lineOf('joining'), 'joining: needs starts; add them, or remove it')
}

/** Authors count by file numbers, some of which may not be published yet. */
function partsByDay(parts: Course['parts'], texts: readonly TextFile[]): Course['parts'] {
  const numbers = lessonFiles(texts).map(({ number }) => Number(number))
  const before = (number: number) => numbers.filter((lessonNumber) => lessonNumber < number).length
  return parts
    .map((part) => ({ ...part, from: before(part.from) + 1, to: before(part.to + 1) }))
    .filter(({ from, to }) => from <= to)
}

/** A letter has a welcome; the rest of its content is the site's articles. */
function readNewsletter(
  keys: Keys<'letter'>,
  { slug, texts, welcome }: Within,
  faults: Faults,
): Newsletter | null {
  for (const { file } of texts) {
    if (!/\/(course\.yaml|welcome\.md)$/.test(file))
      faults.add(file, 1, 'is not part of a letter, which announces articles; remove it')
  }
  return welcome && { ...keys, slug, welcome }
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
    checkBlocks({ file: text.file, body: text.text, offset: 0 }, faults)
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
      if (title.length > MAX_CHARACTERS.subject)
        faults.add(
          text.file,
          at,
          `has a title over ${MAX_CHARACTERS.subject} characters; it becomes the subject of the mail`,
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
