/** An open course: its readers wait for the next lesson, which costs the planner nothing. */
import { rm } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { lesson, letter, settings } from '../../content/folder.ts'
import { came, courses, day, eachEdited, file, reader, saved, test, write } from './edited.ts'

eachEdited()

const statuses = async () => {
  const rows = await test.db
    .selectFrom('enrollments')
    .select(['status', 'due_on', 'due_at'])
    .execute()
  return rows.map(({ status, due_on, due_at }) => `${status} ${due_on} ${due_at}`)
}
const open = async (keys: Readonly<Record<string, string>> = {}) => {
  await write('course.yaml', settings({ open: 'true', ...keys }))
  await rm(file('completion.md'), { force: true })
  await saved()
}
const through = async () => {
  await reader()
  for (const date of ['20', '21', '22', '23', '24', '25']) await day(`2027-03-${date}`)
}

it('an open course lets readers wait at its end, and sends new lessons on their next morning', async () => {
  await open()
  await through()
  expect(await statuses()).toEqual(['active 2027-03-24 null'])
  expect(await test.app.sender.nextDueInMs()).toBe(null)
  const upcoming = await test.app.reader.upcoming(
    (await test.db.selectFrom('enrollments').select('id').executeTakeFirstOrThrow()).id,
  )
  expect(upcoming).toMatchObject({ waits: true, next: null, now: 'no' })

  // A change that brings them no lesson wakes nobody.
  await write('04-four.md', lesson({ subject: 'Four, mended' }))
  await saved()
  expect(await statuses()).toEqual(['active 2027-03-24 null'])

  // It is published at noon and comes at seven the next morning, not at once.
  test.clock.set('2027-03-28T10:00:00Z')
  await write('05-five.md', lesson({ subject: 'Five', after: '1 week' }))
  await saved()
  await test.settle()
  expect(await came()).toHaveLength(4)
  for (const date of ['2027-03-29', '2027-03-30', '2027-03-31', '2027-04-01']) await day(date)
  expect((await came()).slice(4)).toEqual(['five on 30'])
  expect(await statuses()).toEqual(['active 2027-03-31 null'])
})

it('an open course that is closed later is completed by readers who wait', async () => {
  await open()
  await through()
  await write('course.yaml', settings())
  await saved()
  // Without its closing letter the change is blocked, and they keep waiting.
  expect(await statuses()).toEqual(['active 2027-03-24 null'])
  await write('completion.md', letter)
  await saved()
  await day('2027-03-26')
  expect((await statuses()).map((one) => one.split(' ')[0])).toEqual(['completed'])
  const letters = await test.db
    .selectFrom('deliveries')
    .select('status')
    .where('kind', '=', 'completion')
    .execute()
  expect(letters).toEqual([{ status: 'sent' }])
})

it('a crash after publishing and before waking readers is repaired at the next start', async () => {
  await open()
  await through()
  await write('05-five.md', lesson({ subject: 'Five' }))
  await saved()
  await test.db.updateTable('enrollments').set({ due_at: null }).execute()
  await test.db.updateTable('courses').set({ settled: false }).execute()
  await test.app.author.courses.begin()
  await day('2027-03-26')
  expect((await came()).slice(4)).toEqual(['five on 26'])
  expect(courses.path).not.toBe('')
})

it('the last lesson, if skipped, can still be restored while its reader waits', async () => {
  await open()
  const { first } = await reader()
  for (const date of ['20', '21', '22']) await day(`2027-03-${date}`)
  test.clock.set('2027-03-22T12:00:00Z')
  await test.app.reader.skipLesson(first.id, 'four')
  await day('2027-03-23')
  await day('2027-03-24')
  expect(await statuses()).toEqual(['active 2027-03-23 null'])
  await test.app.reader.undoSkip(first.id, 'four')
  await day('2027-03-25')
  expect((await came()).at(-1)).toBe('four on 25')
})
