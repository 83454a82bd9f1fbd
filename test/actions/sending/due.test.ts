/** Once a planner has looked at everything due, it only looks at what became due since then. */
import { expect, it } from 'vitest'
import { openDue } from '../../../src/actions/sending/due.ts'
import * as stores from '../../../src/store/index.ts'
import { enrolled, testApp } from '../../support/app.ts'

it('looks at what has become due since the last time, and at everything now and then', async () => {
  await using test = await testApp({ start: '2027-03-20T07:00:00Z' })
  const { first } = await enrolled(test, { series: ['inner-wisdom'] })
  const looks = [0, null, 3]
  const due = openDue({
    db: test.db,
    now: test.app.now,
    series: new Map([['inner-wisdom', {}]]),
    stores,
    resends: 1,
    mayLookAtAll: () => looks.shift() ?? null,
  })
  const dueAt = (at: string) =>
    test.db.updateTable('enrollments').set({ due_at: at }).where('id', '=', first.id).execute()

  // The first look covers everything, however long it has been due.
  await dueAt('2027-03-20T05:00:00Z')
  expect(await due.isDue(due.since())).toBe(true)
  // Later looks start a minute earlier, because clocks differ.
  const since = due.since()
  expect(String(since)).toBe('2027-03-20T06:59:00Z')
  expect([await due.isDue(since), await due.isDue()]).toEqual([false, true])
  expect(await due.nextDueInMs()).toBeNull()
  await dueAt('2027-03-20T06:59:30Z')
  expect(await due.isDue(since)).toBe(true)
  await dueAt('2027-03-20T07:00:09Z')
  expect(await due.isDue(since)).toBe(false)
  await dueAt('2027-03-20T07:00:05Z')
  // What has just been found is not found again.
  expect(await due.nextDueInMs()).toBe(9_001)
  expect(await due.nextDueInMs()).toBe(5_001)
  expect(due.since()).toBeNull()
})
