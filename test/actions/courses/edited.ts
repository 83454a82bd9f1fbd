/** A course that is edited while readers are in the middle of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { type Folder, folder, lesson, letter, settings } from '../../content/folder.ts'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'

const LESSONS = ['one', 'two', 'three', 'four']
export const FILES = {
  'c/course.yaml': settings(),
  'c/welcome.md': letter,
  'c/completion.md': letter,
  ...Object.fromEntries(
    LESSONS.map((name, index) => [`c/0${index + 1}-${name}.md`, lesson({ subject: name })]),
  ),
}

export let courses: Folder
export let test: TestApp
/** Gives each test of a file a course of four lessons and an app that follows it. */
export function eachEdited() {
  beforeEach(async () => {
    courses = await folder(FILES)
    test = await testApp({ coursesDir: courses.path })
  })
  afterEach(async () => {
    await test?.[Symbol.asyncDispose]()
    await courses?.[Symbol.asyncDispose]()
  })
}

export const file = (name: string) => join(courses.path, 'c', name)
export const write = (name: string, text: string) => writeFile(file(name), text)
export const another = (coursesDir: string) =>
  testApp({ coursesDir, env: { DATABASE_URL: test.app.databaseUrl } })
/** The worker looks twice after a save: once to see it is complete, once to publish it. */
export const saved = async () => {
  await test.app.author.courses.follow()
  await test.app.author.courses.follow()
}
export const blocked = async () =>
  Object.entries((await test.app.operator.status()).blocked).map(
    ([slug, { reason }]) => `${slug}: ${reason}`,
  )
export const day = async (date: string) => {
  test.clock.set(`${date}T06:00:00Z`)
  await test.settle()
}
export const reader = (email = 'ada@example.com') => enrolled(test, { email, series: ['c'] })
/** "two on 21" in planned order, with the status and reason of those not sent. */
export const came = async (of: TestApp = test) => {
  const rows = await of.db
    .selectFrom('deliveries')
    .select(['item', 'local_date', 'status', 'reason'])
    .where('kind', '=', 'lesson')
    .orderBy('due_at')
    .orderBy('id')
    .execute()
  return rows.map(
    ({ item, local_date, status, reason }) =>
      `${item} on ${local_date.day}${status === 'sent' ? '' : `, ${status}: ${reason}`}`,
  )
}
export const openLessons = async () => {
  const rows = await test.db
    .selectFrom('deliveries')
    .select('id')
    .where('status', '=', 'planned')
    .execute()
  return rows.map(({ id }) => id)
}
export const subjects = async () =>
  (await test.app.author.sandbox?.list(50))?.map(({ subject }) => subject) ?? []
