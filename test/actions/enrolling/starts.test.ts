/** A course that people start together. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCourses } from '../../../src/content/courses.ts'
import { COURSE, folder, settings } from '../../content/folder.ts'
import { ask, BERLIN_SEVEN, CONSENT, enrolled } from '../../support/app.ts'
import { textOf } from '../../support/page.ts'
import { FORM, landed, type TestWeb, testWeb } from '../../support/web.ts'

const withStarts = (starts: string, keys = {}) => ({
  ...COURSE,
  'c/course.yaml': settings({ starts, ...keys }),
})
const LISTED = '[2027-04-05, 2027-03-29]'
const firsts = async ({ db }: TestWeb) => {
  const rows = await db
    .selectFrom('deliveries')
    .select(['local_date', 'due_at'])
    .where('kind', '=', 'lesson')
    .where('item', '=', 'one')
    .orderBy('due_at')
    .execute()
  return rows.map(({ local_date, due_at }) => `${local_date} ${due_at}`)
}

it('starts for everyone on one local date, across a clock change, and announces it', async () => {
  await using courses = await folder(withStarts(LISTED))
  await using web = await testWeb({ coursesDir: courses.path, start: '2027-03-20T12:00:00Z' })
  expect(textOf(await (await web.get('/courses/c')).text())).toContain(
    'It begins on March 29, 2027',
  )
  const rhythm = { time: '07:00', weekdays: [1, 2, 3, 4, 5, 6, 7] as const }
  const { id } = await ask(web, { series: ['c'] })
  await web.settle()
  const link = web.app.links.url('confirm', id, web.app.now())
  const begins = 'Monday, March 29, at 07:00 (Europe/Berlin)'
  expect(textOf(await (await web.get(link)).text())).toContain(`It begins on ${begins}`)
  expect(textOf(await landed(web, await web.post(link)))).toContain(`Day 1 arrives on ${begins}`)
  await enrolled(web, {
    email: 'b@example.com',
    series: ['c'],
    rhythm: { ...rhythm, zone: 'Pacific/Auckland' },
  })
  // A reader whose weekdays exclude the start date begins on their first weekday after it.
  await enrolled(web, {
    email: 'c@example.com',
    series: ['c'],
    rhythm: { ...rhythm, weekdays: [3], zone: 'Europe/Berlin' },
  })
  await web.settle()
  const mails = (await web.app.author.sandbox?.since('0')) ?? []
  const raw = await Promise.all(
    mails.map(async (mail) => String((await web.app.author.sandbox?.one(mail.id))?.raw)),
  )
  expect(raw.join('').replace(/=\r\n/g, '')).toMatch(/beginning on\s+Monday/)
  for (const at of ['2027-03-28T18:00:00Z', '2027-03-29T05:00:00Z', '2027-03-31T05:00:00Z']) {
    web.clock.set(at)
    await web.settle()
  }
  expect(await firsts(web)).toEqual([
    '2027-03-29 2027-03-28T18:00:00Z',
    '2027-03-29 2027-03-29T05:00:00Z',
    '2027-03-31 2027-03-31T05:00:00Z',
  ])
})

it('starts on its date, whatever a reader changes while waiting for it', async () => {
  await using courses = await folder(withStarts('[2027-03-29]'))
  await using web = await testWeb({ coursesDir: courses.path, start: '2027-03-20T12:00:00Z' })
  const { first, subscriber } = await enrolled(web, { series: ['c'] })
  const rhythm = { ...BERLIN_SEVEN, time: '09:30' }
  await web.app.reader.pause(first.id, null)
  await web.app.reader.setRhythm(first.id, rhythm)
  await web.app.reader.resume(first.id)
  const starts = '2027-03-29T07:30:00Z'
  expect(String((await web.app.reader.overviewOf(subscriber.id))?.overviews[0]?.nextAt)).toBe(
    starts,
  )
  expect(String((await web.app.reader.upcoming(first.id))?.next?.morning.at)).toBe(starts)
  for (let morning = 21; morning < 29; morning++) {
    web.clock.set(`2027-03-${morning}T12:00:00Z`)
    await web.settle()
  }
  expect(await firsts(web)).toEqual([])
  web.clock.set(starts)
  await web.settle()
  expect(await firsts(web)).toEqual([`2027-03-29 ${starts}`])
})

it('lets people join late as long as it says; after that nobody can enroll or confirm', async () => {
  await using courses = await folder(withStarts('[2027-03-29]', { joining: '3 days' }))
  await using web = await testWeb({ coursesDir: courses.path, start: '2027-04-01T12:00:00Z' })
  expect(textOf(await (await web.get('/courses/c')).text())).toContain(
    'You can still join until April 1',
  )
  const late = await enrolled(web, { series: ['c'] })
  expect(String(late.first.due_on)).toBe('2027-04-02')
  const { id } = await ask(web, { email: 'slow@example.com', series: ['c'] })
  web.clock.set('2027-04-03T12:00:00Z')
  await expect(web.app.reader.confirm(id, CONSENT)).rejects.toThrow('too late to confirm')
  const link = web.app.links.url('confirm', id, web.app.now())
  expect(textOf(await (await web.get(link)).text())).toContain('too late to confirm')
  const page = await (await web.get('/courses/c')).text()
  expect(textOf(page)).toContain('there’s no start left to join')
  expect(page).not.toContain('name="email"')
  await expect(ask(web, { email: 'x@example.com', series: ['c'] })).rejects.toThrow('no start left')
  const before = await web.db.selectFrom('requests').select('id').execute()
  const json = await web.enroll({ ...FORM, daily: '' }, { accept: 'application/json' }, 'c')
  expect([json.status, await json.text()]).toEqual([422, expect.stringContaining('no start left')])
  expect(await web.db.selectFrom('requests').select('id').execute()).toEqual(before)
})

it('moves readers waiting for a start that its author moves, and nobody else', async () => {
  await using courses = await folder(withStarts(LISTED))
  await using web = await testWeb({ coursesDir: courses.path, start: '2027-03-20T12:00:00Z' })
  await enrolled(web, { series: ['c'] })
  web.clock.set('2027-03-30T12:00:00Z')
  await enrolled(web, { email: 'b@example.com', series: ['c'] })
  await web.settle()
  await writeFile(join(courses.path, 'c/course.yaml'), settings({ starts: '[2027-04-12]' }))
  const { folders } = await readCourses(courses.path)
  const [proposal] = await web.app.author.courses.propose(folders)
  expect(proposal).toMatchObject({ restarted: 1, change: { schedule: { starts: ['2027-04-12'] } } })
  await web.app.author.courses.follow()
  await web.app.author.courses.follow()
  const rows = await web.db
    .selectFrom('enrollments')
    .select(['starts_on', 'due_on'])
    .orderBy('created_at')
    .execute()
  expect(rows.map(({ starts_on, due_on }) => `${starts_on} ${due_on}`)).toEqual([
    '2027-03-29 2027-03-31',
    '2027-04-12 2027-04-12',
  ])
})
