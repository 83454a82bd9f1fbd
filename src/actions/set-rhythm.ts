import { Problem } from '../domain/problem.ts'
import type { Rhythm } from '../domain/rhythm.ts'
import { firstMorning, morningFrom } from '../domain/schedule.ts'
import { dateIn } from '../domain/time.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'enrollments' | 'deliveries'>
}

/**
 * Changes when the mails of an active enrollment come.
 *
 * The next one comes at the next occurrence of the new rhythm on a date after the last mail's: never two on
 * one local date, neither the old zone's nor the new one's, and none left out (standards.md G6).
 *
 * @throws Problem `not_found` when the enrollment is not active.
 */
export async function setRhythm(
  enrollmentId: string,
  rhythm: Rhythm,
  { db, now, stores }: Deps,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const enrollment = await stores.enrollments.lock(tx, enrollmentId)
    if (enrollment?.status !== 'active')
      throw new Problem('not_found', 'This series has ended; there is nothing to change.')
    const at = now()
    const last = await stores.deliveries.lastMorning(tx, enrollmentId)
    const first = firstMorning(rhythm, at)
    const taken = last && latest(last.on, dateIn(rhythm.zone, last.at))
    const next =
      taken && Temporal.PlainDate.compare(taken, first.on) >= 0
        ? morningFrom(rhythm, taken.add({ days: 1 }), at)
        : first
    await stores.enrollments.setRhythm(tx, enrollmentId, rhythm, next)
  })
}

const latest = (a: Temporal.PlainDate, b: Temporal.PlainDate) =>
  Temporal.PlainDate.compare(a, b) > 0 ? a : b
