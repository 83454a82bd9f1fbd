import type { Series } from '../domain/course.ts'
import { nextStep } from '../domain/plan.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'enrollments' | 'deliveries'>
  readonly series: ReadonlyMap<string, Series>
  readonly nudge: (ids: readonly string[]) => Promise<void>
}

/** Enrollments planned in one transaction. */
const BATCH = 500

/**
 * Plans everything that is due at `now`: writes the ledger rows, moves each enrollment on to its next
 * morning, and nudges the senders once that is committed. Any number of planners may run at once.
 *
 * @returns how many deliveries were planned.
 */
export async function plan(now: Temporal.Instant, deps: Deps): Promise<number> {
  let planned = 0
  for (;;) {
    const batch = await deps.db.transaction().execute((tx) => planBatch(tx, now, deps))
    await deps.nudge(batch.ids)
    planned += batch.ids.length
    if (batch.taken < BATCH) return planned
  }
}

async function planBatch(tx: Db, now: Temporal.Instant, { stores, series }: Deps) {
  const due = await stores.enrollments.claimDue(tx, [...series.keys()], now, BATCH)
  const mails: stores.deliveries.NewDelivery[] = []
  const advances: stores.enrollments.Advance[] = []
  for (const row of due) {
    const { id, rhythm, nextDay, dueOn, unsent } = row
    const step = nextStep(series.get(row.series) as Series, { rhythm, dueOn, nextDay, unsent }, now)
    const mail = 'mail' in step ? step.mail : null
    if (mail) {
      const status = step.do === 'drop' ? 'expired' : 'planned'
      mails.push({ enrollmentId: id, subscriberId: row.subscriberId, series: row.series, status, ...mail })
    }
    if (step.do === 'redate') await stores.deliveries.redate(tx, step.delivery, step.morning)
    advances.push({
      id,
      nextDay: nextDay + (step.do === 'send' && mail?.kind === 'lesson' ? 1 : 0),
      next: step.do === 'finish' ? null : step.next,
    })
  }
  await stores.enrollments.advance(tx, advances, now)
  return { taken: due.length, ids: await stores.deliveries.add(tx, mails, now) }
}
