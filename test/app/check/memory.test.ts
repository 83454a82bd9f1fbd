/**
 * A second check of a folder looks only at what has changed, and has the same findings.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { checkFolder } from '../../../src/app/checker.ts'
import { checkCourses } from '../../../src/cli/check.ts'
import { type Files, folder } from '../../content/folder.ts'
import { layoutWith, memoryOf, SOUND, soundLesson, words } from './sound.ts'

/** A table too wide for a phone, which only the rendered mail shows. */
const WIDE = '|a|b|c|d|e|f|\n|-|-|-|-|-|-|\n'
/** A text too long for Gmail, which only the rendered mail shows as well. */
const TALL = words(12_000, 9)

/** The sound folder with a fault that only the mail shows. */
const FAULTY: Files = { ...SOUND, 'c/02-two.md': soundLesson(2, {}, WIDE) }

let first: Awaited<ReturnType<typeof memoryOf>>
beforeAll(async () => {
  first = await memoryOf(FAULTY)
})

/** The faulty folder, and a memory beside it: that of an earlier check, or the given one. */
async function faulty(memoryBefore: string | null = first.text) {
  const courses = await folder(FAULTY)
  const kept = await folder({ 'deep/check.json': memoryBefore })
  const memory = join(kept.path, 'deep', 'check.json')
  const looked: number[] = []
  const check = async (more: object = {}) => {
    looked.length = 0
    const onProgress = (done: number, all: number) => looked.push(all - done)
    return (await checkFolder({ courses: courses.path, memory, onProgress, ...more })).findings
  }
  return { courses, kept, memory, looked, check }
}

it('a second check looks at no mail again, and has the same findings', async () => {
  const { courses, kept, check, looked } = await faulty()
  await using _ = courses
  await using __ = kept
  expect(first.mails).toBeGreaterThan(15)
  expect(first.findings).toContainEqual(
    expect.objectContaining({ file: 'c/02-two.md', rule: 'wide-table' }),
  )
  expect(await check()).toEqual(first.findings)
  expect(looked).toEqual([])
})

it('a mail is checked again only if its text has changed', async () => {
  const { courses, kept, check, looked } = await faulty()
  await using _ = courses
  await using __ = kept
  await writeFile(join(courses.path, 'c/02-two.md'), soundLesson(2))
  const found = await check()
  expect(found.map(({ rule }) => rule)).not.toContain('wide-table')
  // Its own mail, and perhaps the longest lesson together with an inspiration, which may be
  // another lesson now.
  expect(looked.length).toBeLessThanOrEqual(2)
  expect(looked.length).toBeGreaterThan(0)
})

it('a text that has moved within its file is reported at its new line', async () => {
  const { courses, kept, check, looked } = await faulty()
  await using _ = courses
  await using __ = kept
  const inspiration = `## Second\n${words(40, 4)} ${TALL}\n`
  const file = join(courses.path, 'd/01-january.md')
  await writeFile(file, `## First\n${words(40, 3)}\n\n${inspiration}`)
  const lines = (await check()).flatMap((one) =>
    /^html-/.test(one.rule) && one.file === 'd/01-january.md' ? [one.line] : [],
  )
  await writeFile(file, `## First\n${words(40, 3)}\n\n\n\n${inspiration}`)
  const moved = (await check()).flatMap((one) =>
    /^html-/.test(one.rule) && one.file === 'd/01-january.md' ? [one.line] : [],
  )
  expect(lines.length).toBeGreaterThan(0)
  expect(moved).toEqual(lines.map((line) => line + 2))
  expect(looked).toEqual([])
})

it('all mails are checked again if the layout has changed', async () => {
  const { courses, kept, check, looked } = await faulty()
  await using _ = courses
  await using __ = kept
  await using layout = await layoutWith('lesson.txt', /$/, 'One more line.\n')
  await check({ templates: layout.path })
  expect(looked).toHaveLength(first.mails)
})

it.each(['{', '{"x":[{"rule":1}]}'])('a memory that contains %j is discarded', async (text) => {
  const { courses, kept, memory, check, looked } = await faulty(text)
  await using _ = courses
  await using __ = kept
  expect(await check()).toEqual(first.findings)
  expect(looked.length).toBeGreaterThan(15)
  expect(JSON.parse(await readFile(memory, 'utf8'))).not.toEqual({})
})

it('the check works even if its memory cannot be saved', async () => {
  const { courses, kept, check, looked } = await faulty(null)
  await using _ = courses
  await using __ = kept
  const nowhere = { memory: '/dev/null/check.json' }
  expect(await check(nowhere)).toEqual(first.findings)
  expect(looked).toHaveLength(first.mails)
})

it('the check shows its progress on a terminal, and is silent elsewhere', async () => {
  await using courses = await folder(SOUND)
  await using cache = await folder({})
  const told = async (isTTY: boolean, cacheDir: string) => {
    let text = ''
    const terminal = { isTTY, write: (more: string) => (text += more) }
    await checkCourses({ courses: courses.path, cacheDir }, () => {}, terminal)
    return text
  }
  expect(await told(false, '/dev/null')).toBe('')
  const counted = await told(true, cache.path)
  expect(counted).toMatch(/Checking mails: 1 of \d\d …/)
  expect(counted.endsWith('\r\u001b[K')).toBe(true)
  expect(await told(true, cache.path)).toBe('')
})
