/** The letters and lessons of a course: one page each, of front matter and Markdown. */
import type { Lesson, Letter, Practice } from '../domain/course.ts'
import { cutAtWord } from '../domain/cut.ts'
import type { Faults } from '../domain/finding.ts'
import { checkBlocks, practicesIn } from './block-faults.ts'
import { checkGreeting } from './field-slots.ts'
import { parseLessonName } from './file-names.ts'
import { type Page, readPage, type TextFile } from './front-matter.ts'
import { lessonKeys, letterKeys, MAX_CHARACTERS } from './keys.ts'
import {
  firstSentence,
  headingWords,
  lessonToHtml,
  markdownToHtml,
  typographic,
} from './markdown.ts'

/** The files of a series, and their language; empty if it is unknown. */
export interface SeriesTexts {
  readonly slug: string
  readonly language: string
  readonly texts: readonly TextFile[]
}

export function readLetter(
  file: string,
  { language, texts }: SeriesTexts,
  faults: Faults,
): Letter | null {
  const text = texts.find((candidate) => candidate.file === file)
  if (!text) {
    faults.add(
      file,
      1,
      'is missing; write subject and preheader between lines of ---, then the text',
    )
    return null
  }
  const page = readPage(letterKeys, text, faults)
  if (!page) return null
  if (!page.body.trim()) faults.add(file, page.offset + 1, 'has no text')
  checkBlocks({ file, ...page }, faults)
  checkGreeting(file, page, faults)
  return { ...headIn(page, language), html: markdownToHtml(page.body, language) }
}

/** Returns the lines that letters and lessons have in common. */
function headIn({ data, body }: Head, language: string) {
  const { subject, preheader, greeting } = data
  const line = (text: string) => typographic(text, language)
  return {
    subject: line(subject),
    preheader:
      preheader === undefined
        ? cutAtWord(firstSentence(body, language), MAX_CHARACTERS.preheader)
        : line(preheader),
    ...(greeting !== undefined && { greeting: line(greeting) }),
  }
}

interface Head {
  readonly data: {
    readonly subject: string
    readonly preheader?: string
    readonly greeting?: string
  }
  readonly body: string
}

export const lessonIn = (file: string) => parseLessonName(file.slice(file.lastIndexOf('/') + 1))

/** Returns the files of lessons, with the number and name in their file names. */
export const lessonFiles = (texts: readonly TextFile[]) =>
  texts.flatMap((text) => {
    const named = lessonIn(text.file)
    return named ? [{ text, ...named }] : []
  })

/** Checks that numbers run from 1 without a gap, including those of lessons still to come. */
export function checkNumbers(texts: readonly TextFile[], faults: Faults): void {
  const files = lessonFiles(texts)
  for (const [index, { text, number }] of files.entries()) {
    const before = files[index - 1]
    const wanted = before ? Number(before.number) + 1 : 1
    if (Number(number) === wanted) continue
    const taken =
      Number(before?.number) === Number(number) ? `; ${before?.text.file} already has it` : ''
    faults.add(
      text.file,
      1,
      `has number ${number} where day ${wanted} should come; number lessons from 01 without gaps${taken}`,
    )
  }
}

/** Returns the lessons in order, one per day. Repeated names and subjects are faults. */
export function readLessons({ slug, language, texts }: SeriesTexts, faults: Faults): Lesson[] {
  const files = lessonFiles(texts)
  for (const { file } of texts) {
    const known = ['course.yaml', 'welcome.md', 'completion.md'].includes(
      file.slice(slug.length + 1),
    )
    if (!known && !lessonIn(file))
      faults.add(file, 1, 'is not part of a course; name lessons like 07-a-title.md')
  }
  const names = files.map(({ name }) => name)
  const seen: Seen = { subjects: new Map(), aliases: new Map() }
  const lessons = files.map(({ text, name }, index) => {
    if (names.filter((other) => other === name).length > 1)
      faults.add(text.file, 1, `repeats the name "${name}"; rename one`)
    return readLessonText(text, { day: index + 1, name, names, language }, seen, faults)
  })
  return lessons.filter((lesson) => lesson !== null)
}

interface Place {
  readonly day: number
  readonly name: string
  /** Names of all lessons. */
  readonly names: readonly string[]
  readonly language: string
}

/** The day on which each occurred first. */
interface Seen {
  readonly subjects: Map<string, number>
  readonly aliases: Map<string, number>
}

function readLessonText(
  text: TextFile,
  { day, name, names, language }: Place,
  seen: Seen,
  faults: Faults,
): Lesson | null {
  const page = readPage(lessonKeys, text, faults)
  if (!page) return null
  const first = seen.subjects.get(page.data.subject)
  const at = (line: number, what: string) => faults.add(text.file, line, what)
  if (first) {
    const what = `subject: is the same as on day ${first}; use a different one for each lesson`
    at(page.lineOf('subject'), what)
  }
  seen.subjects.set(page.data.subject, first ?? day)
  checkBlocks({ file: text.file, ...page }, faults)
  checkGreeting(text.file, page, faults)
  const body = readBody(page, language, at)
  const { aliases, late, question = '', carry = '', after } = page.data
  if (after && day === 1) at(page.lineOf('after'), NOTHING_BEFORE)
  for (const [index, alias] of aliases.entries()) {
    const whose = aliasConflict(alias, { name, names, seen })
    if (whose) at(page.lineOf('aliases', index), `aliases: "${alias}" is ${whose}; remove it`)
    seen.aliases.set(alias, day)
  }
  return {
    id: aliases[0] ?? name,
    name,
    day,
    late,
    ...(after && { after }),
    ...headIn(page, language),
    question: typographic(question, language),
    carry: typographic(carry, language),
    ...body,
  }
}

const NOTHING_BEFORE =
  'after: there is no lesson before the first; say in course.yaml when it comes, with first: at once or next morning'

type At = (line: number, what: string) => void
type LessonPage = Page<{ readonly minutes?: number }>

/**
 * Renders the text and its practices. With `minutes`, and without a practice block, the first
 * heading of level 2 starts the practice, and all below it belongs to it; otherwise headings are
 * just headings.
 */
function readBody(
  { body, offset, data: { minutes }, lineOf }: LessonPage,
  language: string,
  at: At,
): Pick<Lesson, 'html' | 'practice' | 'practicesWithin'> {
  if (!body.trim()) at(offset + 1, 'has no text')
  const practicesWithin = practicesIn(body).map(({ title }) => headingWords(title, language))
  const plain = () => ({ html: markdownToHtml(body, language), practice: null, practicesWithin })
  if (minutes === undefined) return plain()
  if (practicesWithin.length > 0) {
    const block = `::: practice ${minutes} minutes`
    at(lineOf('minutes'), `minutes: is only for a practice without a block; write ${block} instead`)
    return plain()
  }
  const { intro, practice } = lessonToHtml(body, language)
  if (!practice) {
    const what = 'add a heading "## Its title" with the steps below it, or remove minutes'
    at(lineOf('minutes'), `minutes: is given, but there is no practice; ${what}`)
    return plain()
  }
  const { title, line, html } = practice
  if (!title) at(offset + line, 'has a practice without a title')
  if (!html) at(offset + line, 'has a practice without steps')
  return { html: intro, practice: { title, minutes, html } satisfies Practice, practicesWithin }
}

interface Names {
  readonly name: string
  readonly names: readonly string[]
  readonly seen: Seen
}

/** Returns in words whose alias it already is; nothing if it is free. */
function aliasConflict(alias: string, { name, names, seen }: Names) {
  if (alias === name) return 'its current name'
  if (names.includes(alias)) return 'the name of another lesson'
  const day = seen.aliases.get(alias)
  return day && `an earlier name of day ${day}`
}
