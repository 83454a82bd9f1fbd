/** What an author sees of the links that readers followed. */
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { COURSE, type Folder, folder, settings } from '../content/folder.ts'
import { enrolled, type TestApp, testApp } from '../support/app.ts'
import { command } from '../support/program.ts'

let courses: Folder
let test: TestApp
let url = ''
beforeAll(async () => {
  courses = await folder({ ...COURSE, 'c/course.yaml': settings({ clicks: 'count' }) })
  test = await testApp({
    coursesDir: courses.path,
    through: async (given) => {
      url = given
      return given
    },
  })
})
afterAll(async () => {
  await test?.[Symbol.asyncDispose]()
  await courses?.[Symbol.asyncDispose]()
})

const dawnpost = (...args: string[]) =>
  command(args, {
    DATABASE_URL: url,
    REDIS_URL: inject('redisUrl'),
    SECRET_KEY: 'a key for tests and for nothing else',
    POSTAL_ADDRESS: '1 Test Lane, Testville',
    COURSES_DIR: courses.path,
  })
const NOTE =
  'These are minimums: only readers who agreed are counted, each link once per mail, for 30 days.\n'

it('lists how often each link of a lesson was followed, and how many readers are counted', async () => {
  const { first } = await enrolled(test, { series: ['c'] })
  await enrolled(test, { email: 'bob@example.com', series: ['c'] })
  expect((await dawnpost('clicks', 'c')).stdout).toBe(
    `Readers counted: 0 of 2\nNo link has been followed yet.\n${NOTE}`,
  )
  const consent = {
    wording: 'Count',
    language: 'en',
    version: '2',
    source: 'a test',
    network: '192.0.2.0/24',
  }
  await test.app.reader.agreeToClicks(first.id, true, consent)
  const row = { series: 'c', on_date: '2027-03-19' }
  await test.db
    .insertInto('lesson_clicks')
    .values([
      { ...row, item: 'gone', url: 'https://a.example/', count: 1 },
      { ...row, item: 'two', url: 'https://a.example/', count: 2 },
      { ...row, item: 'one', url: 'https://a.example/', count: 3 },
      { ...row, item: 'one', url: 'https://b.example/', count: 40 },
      { ...row, item: 'one', url: 'https://a.example/', on_date: '2027-03-20', count: 4 },
    ])
    .execute()
  expect((await dawnpost('clicks', 'c')).stdout).toBe(
    [
      'Readers counted: 1 of 2',
      '1. one',
      '     40  https://b.example/',
      '      7  https://a.example/',
      '2. two',
      '      2  https://a.example/',
      'gone (no longer in the course)',
      '      1  https://a.example/',
      NOTE,
    ].join('\n'),
  )
  expect(JSON.parse((await dawnpost('clicks', 'c', '--json')).stdout)).toEqual({
    series: 'c',
    counts: true,
    readers: { all: 2, counted: 1 },
    links: [
      { lesson: 'one', day: 1, url: 'https://b.example/', count: 40 },
      { lesson: 'one', day: 1, url: 'https://a.example/', count: 7 },
      { lesson: 'two', day: 2, url: 'https://a.example/', count: 2 },
      { lesson: 'gone', day: null, url: 'https://a.example/', count: 1 },
    ],
  })
})

it('lists the available courses when there is none of that name', async () => {
  expect(await dawnpost('clicks', 'd')).toMatchObject({
    code: 2,
    stderr: 'There is no course "d". Choose one of: c.\n',
  })
})
