/**
 * Courses on disk. A folder holds course.yaml and Markdown: numbered lessons, welcome.md and completion.md
 * for a course; pages of level-2 sections, one inspiration each, and welcome.md for a daily.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Course, Daily, Inspiration, Lesson, Letter, Series } from '../domain/course.ts'
import { ContentError, Faults } from './faults.ts'
import { readPage, readYaml, type Text } from './front-matter.ts'
import { sections, strayHeadings, toHtml, typographic } from './markdown.ts'

const line = (max: number) =>
  z
    .string({ error: 'is missing; give one line of text' })
    .trim()
    .min(1, 'is empty; give one line of text')
    .max(max, `is too long; keep it to ${max} characters`)
    .regex(/^[^\r\n]*$/, 'must be a single line')
    .transform(typographic)

const letterKeys = z.strictObject({ subject: line(70), preheader: line(140) })
const lessonKeys = letterKeys.extend({
  minutes: z.int({ error: 'is missing; give the minutes the practice takes' }).min(1).max(120),
  question: line(300),
  carry: line(140),
})
const whole = z.int({ error: 'is missing; give a day number' }).min(1)
const about = {
  title: line(100),
  summary: line(200),
  description: z
    .string({ error: 'is missing; tell in Markdown what the series is' })
    .trim()
    .min(1)
    .transform(toHtml),
  author: line(100),
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, 'must be a language tag like en or pt-BR'),
}
const courseKeys = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('course'),
      ...about,
      parts: z
        .array(z.strictObject({ title: line(100), from: whole, to: whole, summary: line(200) }))
        .default([]),
    }),
    z.strictObject({ kind: z.literal('daily'), ...about }),
  ],
  { error: 'must be "course" or "daily"' },
)

/** Reads every series under `folder`, in order of slug. Throws ContentError with all faults of all folders. */
export async function loadCourses(folder: string): Promise<Series[]> {
  const faults = new Faults()
  const entries = await readdir(folder, { withFileTypes: true })
  const slugs = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
  const series = await Promise.all(slugs.sort().map((slug) => loadSeries(folder, slug, faults)))
  if (faults.all.length === 0 && series.length === 0)
    faults.add('.', 1, 'holds no course; make a folder with a course.yaml')
  if (faults.all.length > 0) throw new ContentError(faults.all)
  return series.filter((one) => one !== null)
}

async function loadSeries(folder: string, slug: string, faults: Faults): Promise<Series | null> {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug)) {
    faults.add(slug, 1, 'is not a usable folder name; use lower-case letters, digits and hyphens')
    return null
  }
  const texts = await readTexts(folder, slug)
  const settings = texts.find(({ file }) => file === `${slug}/course.yaml`)
  if (!settings) {
    faults.add(`${slug}/course.yaml`, 1, 'is missing; it names the series')
    return null
  }
  const keys = readYaml(courseKeys, settings, faults)
  const welcome = readLetter(texts, `${slug}/welcome.md`, faults)
  if (!keys) return null
  return keys.kind === 'course'
    ? readCourse({ ...keys, slug }, welcome, texts, faults)
    : readDaily({ ...keys, slug }, welcome, texts, faults)
}

async function readTexts(folder: string, slug: string): Promise<Text[]> {
  const names = (await readdir(join(folder, slug))).filter(
    (name) => /\.(md|yaml)$/.test(name) && name !== 'README.md',
  )
  const texts = names.sort().map(async (name) => {
    const text = await readFile(join(folder, slug, name), 'utf8')
    return { file: `${slug}/${name}`, text: text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n') }
  })
  return Promise.all(texts)
}

type Keys<K extends 'course' | 'daily'> = Extract<z.infer<typeof courseKeys>, { kind: K }> & { slug: string }

function readCourse(
  keys: Keys<'course'>,
  welcome: Letter | null,
  texts: Text[],
  faults: Faults,
): Course | null {
  const completion = readLetter(texts, `${keys.slug}/completion.md`, faults)
  const lessons: Lesson[] = []
  for (const text of texts) {
    const name = text.file.slice(keys.slug.length + 1)
    const [, number, id] = /^(\d+)-(.+)\.md$/.exec(name) ?? []
    if (number && id) {
      const lesson = readLesson(text, Number(number), id, faults)
      if (lesson) lessons.push(lesson)
    } else if (!['course.yaml', 'welcome.md', 'completion.md'].includes(name)) {
      faults.add(text.file, 1, 'is not part of a course; name lessons like 07-a-title.md')
    }
  }
  checkDays(keys, texts, lessons, faults)
  return welcome && completion && { ...keys, welcome, completion, lessons }
}

/** Days run from 1 without a gap, no lesson twice; parts lie within them. */
function checkDays(keys: Keys<'course'>, texts: Text[], lessons: Lesson[], faults: Faults) {
  const files = texts.filter(({ file }) => /\/\d+-/.test(file))
  files.forEach(({ file }, index) => {
    const [, number = '', id = ''] = /\/(\d+)-(.+)\.md$/.exec(file) ?? []
    if (Number(number) !== index + 1) {
      faults.add(
        file,
        1,
        `has number ${number} where day ${index + 1} should come; number lessons from 01 without a gap`,
      )
    }
    if (lessons.filter((lesson) => lesson.id === id).length > 1)
      faults.add(file, 1, `repeats the name "${id}"; rename one`)
  })
  if (files.length === 0)
    faults.add(`${keys.slug}/course.yaml`, 1, 'has no lessons; add a file like 01-a-title.md')
  const subjects = new Map<string, number>()
  for (const { subject, day } of lessons) {
    const other = subjects.get(subject)
    const file = files[day - 1]?.file ?? keys.slug
    if (other) faults.add(file, 2, `subject: is the same as on day ${other}; give each lesson its own`)
    subjects.set(subject, day)
  }
  for (const part of keys.parts) {
    if (part.from > part.to || part.to > files.length) {
      faults.add(
        `${keys.slug}/course.yaml`,
        1,
        `parts: "${part.title}" runs from ${part.from} to ${part.to} of ${files.length} days`,
      )
    }
  }
}

function readLesson(text: Text, day: number, id: string, faults: Faults): Lesson | null {
  const page = readPage(lessonKeys, text, faults)
  if (!page) return null
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
  if (!practice.markdown.trim())
    faults.add(text.file, page.offset + practice.line, 'has a practice without steps')
  const { subject, preheader, minutes, question, carry } = page.data
  return {
    ...{ id, day, subject, preheader, question, carry },
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
      if (titles.has(title))
        faults.add(text.file, at, `repeats the title "${title}"; give each inspiration its own`)
      if (title.length > 70)
        faults.add(text.file, at, 'has a title over 70 characters; it is the subject of the mail')
      if (!markdown.trim()) faults.add(text.file, at, 'has a title without a text')
      titles.add(title)
      inspirations.push({ title, html: toHtml(markdown) })
    }
  }
  if (inspirations.length === 0)
    faults.add(`${keys.slug}/course.yaml`, 1, 'has no inspirations; add a file with ## headings')
  return welcome && { ...keys, welcome, inspirations }
}
