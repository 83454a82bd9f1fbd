/** The letters and lessons of a course: a page each, front matter and Markdown. */
import type { Lesson, Letter } from '../domain/course.ts'
import type { Faults } from '../domain/finding.ts'
import { type Page, readPage, type Text } from './front-matter.ts'
import { lessonKeys, letterKeys } from './keys.ts'
import { markdownToHtml, sections, strayHeadings, typographic } from './markdown.ts'
import { lessonNamed } from './names.ts'

/** The files of a series, and the language they are written in; empty where it cannot be known. */
export interface SeriesTexts {
  readonly slug: string
  readonly language: string
  readonly texts: readonly Text[]
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
  if (page && !page.body.trim()) faults.add(file, page.offset + 1, 'has no text')
  return page && { ...linesIn(language, page.data), html: markdownToHtml(page.body, language) }
}

const linesIn = <K extends string>(language: string, lines: Readonly<Record<K, string>>) =>
  Object.fromEntries(
    Object.entries<string>(lines).map(([key, text]) => [key, typographic(text, language)]),
  ) as Record<K, string>

export const lessonIn = (file: string) => lessonNamed(file.slice(file.lastIndexOf('/') + 1))

/** The lessons in order: days run from 1 without a gap, no name and no subject twice. */
export function readLessons({ slug, language, texts }: SeriesTexts, faults: Faults): Lesson[] {
  const files = texts.flatMap((text) => {
    const named = lessonIn(text.file)
    return named ? [{ text, ...named }] : []
  })
  for (const { file } of texts) {
    const known = ['course.yaml', 'welcome.md', 'completion.md'].includes(
      file.slice(slug.length + 1),
    )
    if (!known && !lessonIn(file))
      faults.add(file, 1, 'is not part of a course; name lessons like 07-a-title.md')
  }
  const names = files.map(({ name }) => name)
  const seen: Seen = { subjects: new Map(), aliases: new Map() }
  const lessons = files.map(({ text, number, name }, index) => {
    const before = files[index - 1]
    const wanted = before ? Number(before.number) + 1 : 1
    if (Number(number) !== wanted) {
      const taken =
        Number(before?.number) === Number(number) ? `; ${before?.text.file} already has it` : ''
      faults.add(
        text.file,
        1,
        `has number ${number} where day ${wanted} should come; number lessons from 01 without gaps${taken}`,
      )
    }
    if (names.filter((other) => other === name).length > 1)
      faults.add(text.file, 1, `repeats the name "${name}"; rename one`)
    return readLessonText(text, { day: index + 1, name, names, language }, seen, faults)
  })
  return lessons.filter((lesson) => lesson !== null)
}

interface Place {
  readonly day: number
  readonly name: string
  /** Of all lessons. */
  readonly names: readonly string[]
  readonly language: string
}

/** On which day each stood first. */
interface Seen {
  readonly subjects: Map<string, number>
  readonly aliases: Map<string, number>
}

function readLessonText(
  text: Text,
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
  const body = readBody(page, language, at)
  if (!body) return null
  const { minutes, aliases, late, after, ...lines } = page.data
  if (after && day === 1) at(page.lineOf('after'), NOTHING_BEFORE)
  for (const [index, alias] of aliases.entries()) {
    const whose = ownerOf(alias, { name, names, seen })
    if (whose) at(page.lineOf('aliases', index), `aliases: "${alias}" is ${whose}; remove it`)
    seen.aliases.set(alias, day)
  }
  return {
    id: aliases[0] ?? name,
    name,
    day,
    late,
    ...(after && { after }),
    ...linesIn(language, lines),
    html: markdownToHtml(body.intro, language),
    practice: {
      title: body.practice.title,
      minutes,
      html: markdownToHtml(body.practice.markdown, language),
    },
  }
}

const NOTHING_BEFORE =
  'after: there is no lesson before the first; say in course.yaml when it comes, with first: at once or next morning'

type At = (line: number, what: string) => void

/** The text and its practice. What is missing is said; null without a practice. */
function readBody(
  { body, offset }: Pick<Page<unknown>, 'body' | 'offset'>,
  language: string,
  at: At,
) {
  const { intro, sections: headed } = sections(body, language)
  const heading = 'a lesson has only one heading, ## and its practice'
  for (const line of strayHeadings(body))
    at(offset + line, `has a heading that is not level 2; ${heading}`)
  const [practice, second] = headed
  if (!intro.trim()) at(offset + 1, 'has no text before its practice')
  if (!practice) {
    at(offset + 1, 'has no practice; add a heading "## Its title" with the steps below it')
    return null
  }
  if (second) at(offset + second.line, `has a second heading; ${heading}`)
  if (!practice.title) at(offset + practice.line, 'has a practice without a title')
  if (!practice.markdown.trim()) at(offset + practice.line, 'has a practice without steps')
  return { intro, practice }
}

interface Names {
  readonly name: string
  readonly names: readonly string[]
  readonly seen: Seen
}

/** Whose an alias is already, in words; nothing when it is free. */
function ownerOf(alias: string, { name, names, seen }: Names) {
  if (alias === name) return 'the name it has'
  if (names.includes(alias)) return 'the name of another lesson'
  const day = seen.aliases.get(alias)
  return day && `an earlier name of day ${day}`
}
