/** Courses as an author keeps them: files in a folder, made for one test and gone after it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { loadCourses } from '../../src/content/courses.ts'
import { ContentError } from '../../src/domain/finding.ts'

/** Text by path; null leaves a file of the base out. */
export type Files = Readonly<Record<string, string | null>>

type Keys = Readonly<Record<string, string | null>>

export interface Folder extends AsyncDisposable {
  readonly path: string
}

export async function folder(files: Files): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-courses-'))
  for (const [name, text] of Object.entries(files)) {
    if (text === null) continue
    await mkdir(dirname(join(path, name)), { recursive: true })
    await writeFile(join(path, name), text)
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

export async function load(files: Files) {
  await using courses = await folder(files)
  return await loadCourses(courses.path)
}

/** The faults of the files: "file:line message", sorted, since folders are read in parallel. */
export async function faultsOf(files: Files): Promise<string[]> {
  try {
    await load(files)
    return []
  } catch (error) {
    if (!(error instanceof ContentError)) throw error
    return error.message.split('\n').sort()
  }
}

/**
 * What is broken, the files that break it, where that is reported, and what the author is told to
 * do.
 */
export type Broken = readonly [what: string, files: Files, place: string, remedy: RegExp]

/** Each is reported alone, with its place and the remedy. */
export const reportsEach = (broken: readonly Broken[]) =>
  it.each(broken)('%s', async (_, files, place, remedy) => {
    const faults = await faultsOf(files)
    expect(faults).toEqual([expect.stringMatching(remedy)])
    expect(faults[0]).toMatch(new RegExp(`^${RegExp.escape(place)} `))
  })

/** A Markdown file: front matter from `keys`, a value of null left out, and the text below it. */
export const page = (keys: Keys, body: string) => {
  const lines = Object.entries(keys).filter(([, value]) => value !== null)
  return ['---', ...lines.map(([key, value]) => `${key}: ${value}`), '---', body].join('\n')
}

export const lesson = (keys: Keys = {}, body = BODY) =>
  page(
    {
      subject: 'A subject',
      preheader: 'A line',
      minutes: '10',
      question: 'What is it?',
      carry: 'It is.',
      ...keys,
    },
    body,
  )

const BODY = 'Read this.\n\n## A practice\n\n1. Do it.\n'

export const letter = page({ subject: 'Welcome', preheader: 'A line' }, 'Hello.\n')

/**
 * course.yaml, each key on a line: kind is 1, title 2, summary 3, description 4, author 5, language
 * 6.
 */
export const settings = (keys: Keys = {}) => {
  const all = {
    kind: 'course',
    title: 'A title',
    summary: 'A summary',
    description: 'What it is',
    author: 'The editors',
    language: 'en',
    ...keys,
  }
  const lines = Object.entries(all).filter(([, value]) => value !== null)
  return lines.map(([key, value]) => `${key}: ${value}\n`).join('')
}

/** A course of two lessons that breaks no rule. */
export const COURSE: Files = {
  'c/course.yaml': settings(),
  'c/welcome.md': letter,
  'c/completion.md': letter,
  'c/01-one.md': lesson({ subject: 'One' }),
  'c/02-two.md': lesson({ subject: 'Two' }),
}

/** A daily of two inspirations that breaks no rule. */
export const DAILY: Files = {
  'd/course.yaml': settings({ kind: 'daily' }),
  'd/welcome.md': letter,
  'd/01-january.md': '## First\nSome text.\n\n## Second\nMore text.\n',
}

/** The course with other keys in course.yaml. */
export const withSettings = (keys: Keys): Files => ({ ...COURSE, 'c/course.yaml': settings(keys) })

/** The course with another second lesson: keys in lines 2 to 6, the body from line 8. */
export const withLesson = (keys: Keys, body?: string): Files => ({
  ...COURSE,
  'c/02-two.md': lesson(keys, body),
})

/** The course without one of its files, and with others. */
export const without = (name: keyof typeof COURSE, files: Files = {}): Files => ({
  ...COURSE,
  [name]: null,
  ...files,
})

/** The daily with a second page. */
export const withPage = (text: string): Files => ({ ...DAILY, 'd/02-february.md': text })
