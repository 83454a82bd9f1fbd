/** A folder that breaks no rule, to plant faults in. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkFolder } from '../../../src/app/checker.ts'
import { checkSource } from '../../../src/content/check/rules.ts'
import { readCourses } from '../../../src/content/courses.ts'
import { sourceOf } from '../../../src/content/source.ts'
import type { Finding } from '../../../src/domain/finding.ts'
import { type Files, type Folder, folder, page, settings } from '../../content/folder.ts'

const SYLLABLES = ['ka', 'lo', 'mi', 'ren', 'su', 'ta', 've', 'wo', 'ba', 'di', 'fo', 'gu', 'hel']

/** Words that are different for each seed, so that no two texts are alike. */
export const words = (count: number, seed: number) =>
  Array.from({ length: count }, (_, index) => {
    const number = seed * 7919 + index * (seed + 3) * 31
    return [1, 13, 169].map((of) => SYLLABLES[Math.floor(number / of) % 13]).join('')
  }).join(' ')

/** Front matter in lines 2 to 6, the text from line 8, the practice at line 10. */
export const soundLesson = (seed: number, keys: Record<string, string> = {}, more = '') =>
  page(
    {
      subject: `Subject ${words(2, seed)}`,
      preheader: `Line ${words(5, seed)}`,
      minutes: '10',
      question: `What is ${words(2, seed)}?`,
      carry: `It is ${words(2, seed)}.`,
      ...keys,
    },
    `${words(270, seed)}\n\n## A practice\n\n1. ${words(10, seed + 50)}\n\n${more}\n`,
  )

export const soundLetter = (subject: string, more = '') =>
  page({ subject, preheader: `${subject} is here` }, `Hello, ${subject}.\n\n${more}\n`)

export const SOUND: Files = {
  'c/course.yaml': settings(),
  'c/welcome.md': soundLetter('Welcome'),
  'c/completion.md': soundLetter('The end'),
  'c/01-one.md': soundLesson(1),
  'c/02-two.md': soundLesson(2),
  'd/course.yaml': settings({ kind: 'daily', title: 'A daily' }),
  'd/welcome.md': soundLetter('Welcome to the daily'),
  'd/01-january.md': `## First\n${words(40, 3)}\n\n## Second\n${words(40, 4)}\n`,
}

/** Findings in the files themselves, from loading and from the source rules. This is fast. */
export async function sourceFindings(changes: Files): Promise<Finding[]> {
  await using courses = await folder({ ...SOUND, ...changes })
  const { folders: found, faults } = await readCourses(courses.path)
  const own = found.flatMap(({ slug, texts }) => checkSource(sourceOf(slug, texts)))
  return [...faults.map((fault): Finding => ({ ...fault, severity: 'error' })), ...own]
}

/** Findings of the whole check, with the given mail templates if there are any. */
export async function allFindings(changes: Files, templates?: string): Promise<readonly Finding[]> {
  await using courses = await folder({ ...SOUND, ...changes })
  if (templates) return (await checkFolder({ courses: courses.path, templates })).findings
  await using kept = await folder({ 'check.json': await soundMemory() })
  const memory = join(kept.path, 'check.json')
  return (await checkFolder({ courses: courses.path, memory })).findings
}

let known: Promise<string> | undefined

/**
 * What a check remembers of the sound folder, so that a test renders only the mails in which a
 * fault was planted. memory.test.ts shows that this does not change the findings.
 */
const soundMemory = () => {
  known ??= memoryOf(SOUND).then(({ text }) => text)
  return known
}

/** Checks these files without a memory; returns the findings and the new memory. */
export async function memoryOf(files: Files) {
  await using courses = await folder(files)
  await using kept = await folder({})
  // In a folder that does not exist yet.
  const memory = join(kept.path, 'deep', 'check.json')
  let mails = 0
  const onProgress = () => {
    mails += 1
  }
  const { findings } = await checkFolder({ courses: courses.path, memory, onProgress })
  return { findings, mails, text: await readFile(memory, 'utf8') }
}

const LAYOUT = fileURLToPath(new URL('../../../templates/mail', import.meta.url))

/** templates/mail with `from` replaced by `to` in one of its files. */
export async function layoutWith(file: string, from: string | RegExp, to: string): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'dawnpost-layout-'))
  await cp(LAYOUT, path, { recursive: true })
  const text = await readFile(join(path, file), 'utf8')
  const changed = text.replace(from, to)
  if (changed === text) throw new Error(`${file} does not hold ${from}`)
  await writeFile(join(path, file), changed)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

export const placeOf = ({ file, line, column, severity, rule }: Finding) =>
  `${file}:${line}:${column} ${severity} ${rule}`
