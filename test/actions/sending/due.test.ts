/** A planner that has looked at all that is due goes on from there. */
import { expect, it } from 'vitest'
import { openDue } from '../../../src/actions/sending/due.ts'
import * as stores from '../../../src/store/index.ts'
import { enrolled, testApp } from '../../support/app.ts'

it('looks for what has become due since, and at all of it now and then', async () => {
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

  // At first it looks at all, though that may be long ago.
  await dueAt('2027-03-20T05:00:00Z')
  expect(await due.isDue(due.since())).toBe(true)
  // Then a minute back, since clocks differ.
  const since = due.since()
  expect(String(since)).toBe('2027-03-20T06:59:00Z')
  expect([await due.isDue(since), await due.isDue()]).toEqual([false, true])
  expect(await due.nextDueInMs()).toBeNull()
  await dueAt('2027-03-20T06:59:30Z')
  expect(await due.isDue(since)).toBe(true)
  await dueAt('2027-03-20T07:00:09Z')
  expect(await due.isDue(since)).toBe(false)
  await dueAt('2027-03-20T07:00:05Z')
  // What has just been found is not asked for again.
  expect(await due.nextDueInMs()).toBe(9_001)
  expect(await due.nextDueInMs()).toBe(5_001)
  expect(due.since()).toBeNull()
})
