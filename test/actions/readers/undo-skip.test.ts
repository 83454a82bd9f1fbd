/** Undoing a skip, with the real planner, sender and database. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { berlin, lessons, live } from '../../support/mornings.ts'
import { allRows } from '../../support/web.ts'

const [ONE, TWO] = ['before-your-feet-touch-the-floor', 'how-it-was-said'] as const

let test: TestApp
let course: string
let daily: string
beforeEach(async () => {
  test = await testApp()
  const { first, second } = await enrolled(test)
  course = first.id
  daily = second?.id ?? ''
})
afterEach(() => test?.[Symbol.asyncDispose]())

const skipped = async (enrollment = course) =>
  (await test.app.reader.upcoming(enrollment))?.skipped?.which
const inspirations = async () => {
  const rows = await test.db
    .selectFrom('deliveries')
    .select(['item', 'status'])
    .where('kind', '=', 'inspiration')
    .orderBy('item')
    .execute()
  return rows.map(({ item, status }) => `${item} ${status}`)
}

describe('undoing a skip', () => {
  it('restores everything as it was, and does nothing the second time', async () => {
    await test.settle()
    const before = await allRows(test.db)
    await test.app.reader.skipLesson(course, ONE)
    expect(await skipped()).toBe(ONE)
    expect(await test.app.reader.undoSkip(course, ONE)).toBe(true)
    expect(await test.app.reader.undoSkip(course, ONE)).toBe(false)
    expect(await allRows(test.db)).toEqual(before)
    await live(test, '2027-03-20T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-20: sent'])
  })

  it('works for several in a row, the last one first', async () => {
    await test.app.reader.skipLesson(course, ONE)
    await test.app.reader.skipLesson(course, TWO)
    // The reason code tells them from other skipped ones, not its text.
    await test.db.updateTable('ledger').set({ reason: 'in other words' }).execute()
    await expect(test.app.reader.undoSkip(course, ONE)).rejects.toMatchObject({ code: 'invalid' })
    expect(await test.app.reader.undoSkip(course, TWO)).toBe(true)
    expect(await test.app.reader.undoSkip(course, ONE)).toBe(true)
    await live(test, '2027-03-20T07:00', '2027-03-21T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-20: sent', 'day 2 on 2027-03-21: sent'])
  })

  it('brings a queued lesson back on the next morning', async () => {
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan()
    await test.app.reader.skipLesson(course, ONE)
    expect(await test.app.reader.undoSkip(course, ONE)).toBe(true)
    await live(test, '2027-03-20T07:01', '2027-03-20T20:00', '2027-03-21T07:00', '2027-03-22T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-21: sent', 'day 2 on 2027-03-22: sent'])
  })

  it('brings a lesson that had been tried back as the same message', async () => {
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan()
    const tried = test.db.updateTable('ledger').where('kind', '=', 'lesson')
    const [at, later] = [String(test.app.now()), String(test.app.now().add({ minutes: 5 }))]
    const attempt = {
      status: 'retry',
      attempts: 1,
      first_tried_at: at,
      message_id: '<1@x>',
      try_at: later,
    } as const
    const { id } = await tried.set(attempt).returning('id').executeTakeFirstOrThrow()
    await test.app.reader.skipLesson(course, ONE)
    expect(await test.app.reader.undoSkip(course, ONE)).toBe(true)
    await live(test, '2027-03-20T07:10', '2027-03-21T07:00')
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-21: sent'])
    const row = await test.db
      .selectFrom('deliveries')
      .selectAll()
      .where('kind', '=', 'lesson')
      .executeTakeFirst()
    expect(row).toMatchObject({ id, message_id: '<1@x>' })
  })

  it('in a daily restores that date, until its hour has come', async () => {
    await test.app.reader.skipLesson(daily, '2027-03-20')
    expect(await test.app.reader.undoSkip(daily, '2027-03-20')).toBe(true)
    await live(test, '2027-03-20T07:00')
    await test.app.reader.skipLesson(daily, '2027-03-21')
    expect(await skipped(daily)).toBe('2027-03-21')
    test.clock.set(berlin('2027-03-21T07:00'))
    expect(await skipped(daily)).toBeUndefined()
    await expect(test.app.reader.undoSkip(daily, '2027-03-21')).rejects.toMatchObject({
      code: 'invalid',
    })
    await live(test, '2027-03-21T07:00', '2027-03-22T07:00')
    expect(await inspirations()).toEqual([
      '2027-03-20 merged',
      '2027-03-21 skipped',
      '2027-03-22 merged',
    ])
  })
})

describe('a skip stays', () => {
  it('and cannot be undone once the next lesson has been planned', async () => {
    await test.app.reader.skipLesson(course, ONE)
    test.clock.set(berlin('2027-03-20T07:00'))
    await test.app.sender.plan()
    const before = await allRows(test.db)
    expect(await skipped()).toBeUndefined()
    await expect(test.app.reader.undoSkip(course, ONE)).rejects.toMatchObject({ code: 'invalid' })
    expect(await allRows(test.db)).toEqual(before)
  })

  it('during a pause, and can be undone after it', async () => {
    await test.app.reader.skipLesson(course, ONE)
    await test.app.reader.pause(course, null)
    expect(await skipped()).toBeUndefined()
    await expect(test.app.reader.undoSkip(course, ONE)).rejects.toMatchObject({ code: 'invalid' })
    await test.app.reader.resume(course)
    expect(await test.app.reader.undoSkip(course, ONE)).toBe(true)
  })

  it('or is undone if planned at the same moment: one lesson comes, and none has two rows', async () => {
    await test.app.reader.skipLesson(course, ONE)
    test.clock.set(berlin('2027-03-20T07:00'))
    const undo = () => test.app.reader.undoSkip(course, ONE).catch(() => false)
    const [, first, , second] = await Promise.all([
      test.app.sender.plan(),
      undo(),
      test.app.sender.plan(),
      undo(),
    ])
    await live(test, '2027-03-20T07:01')
    expect(await lessons(test)).toEqual(
      first || second
        ? ['day 1 on 2027-03-20: sent']
        : ['day 1 on 2027-03-20: skipped', 'day 2 on 2027-03-20: sent'],
    )
    expect(first && second).toBe(false)
  })
})

describe('skipping', () => {
  it('is refused if another lesson has become the next, and skips none', async () => {
    await live(test, '2027-03-20T07:00')
    await expect(test.app.reader.skipLesson(course, ONE)).rejects.toMatchObject({ code: 'invalid' })
    expect(await lessons(test)).toEqual(['day 1 on 2027-03-20: sent'])
  })
})
