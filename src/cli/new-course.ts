/** Begins a course: a folder that is complete, passes the check, and is there to be written over. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSlug } from '../domain/course.ts'
import { Problem } from '../domain/problem.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SAMPLE = join(ROOT, 'templates/course')

export interface NewCourseOptions {
  readonly courses?: string
  readonly title?: string
}

/** Writes the folder. Throws a Problem, with nothing written, when the name cannot be used or is taken. */
export async function newCourse(
  slug: string,
  { courses = join(ROOT, 'courses'), title }: NewCourseOptions,
  print: (text: string) => void,
): Promise<void> {
  if (!isSlug(slug)) {
    throw new Problem(
      'invalid',
      `"${slug}" cannot name a course; use lower-case letters, digits and hyphens, like morning-pages.`,
    )
  }
  const folder = join(courses, slug)
  const texts = await sampleTexts(title ?? titleOf(slug))
  await mkdir(courses, { recursive: true })
  await mkdir(folder).catch((cause) => {
    if (cause.code !== 'EEXIST') throw cause
    throw new Problem('invalid', `There is a folder ${shown(folder)} already; nothing was written.`, {
      cause,
    })
  })
  for (const [name, text] of texts) await writeFile(join(folder, name), text)
  print(
    [
      `${shown(folder)} is a course of three days that passes the check. Write over it:`,
      ...texts.map(([name]) => `  ${name}`),
      '',
      'dawnpost preview shows it as your readers will see it, while you write.',
      'dawnpost check tells what to mend before it is sent.',
    ].join('\n'),
  )
}

async function sampleTexts(title: string): Promise<[name: string, text: string][]> {
  const names = (await readdir(SAMPLE)).sort()
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const text = await readFile(join(SAMPLE, name), 'utf8')
      return [
        name,
        // By a function: a title may hold what means something in a replacement.
        text.replace('TITLE', () => JSON.stringify(title)).replace('SCHEMA', '../../docs/schema/course.json'),
      ]
    }),
  )
}

/** "morning-pages" to "Morning Pages". */
const titleOf = (slug: string) =>
  slug
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')

const shown = (folder: string) => relative(process.cwd(), folder) || '.'
