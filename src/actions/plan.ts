import type { Series } from '../domain/course.ts'
import { nextStep } from '../domain/plan.ts'
import type { Logger } from '../log.ts'
import type * as stores from '../store/index.ts'
import type { Db } from '../store/sql.ts'

export interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'enrollments' | 'deliveries'>
  readonly series: ReadonlyMap<string, Series>
  readonly nudge: (ids: readonly string[]) => Promise<void>
}

/** Enrollments planned in one transaction. */
const BATCH = 500

/**
 * Plans everything that is due at `now`: writes the ledger rows, moves each enrollment on to its next
 * morning, and nudges the senders once that is committed. Any number of planners may run at once. An
 * enrollment that cannot be planned is logged and left out; it keeps nobody else from their mail.
 *
 * @returns how many deliveries were planned.
 */
export async function plan(now: Temporal.Instant, deps: Deps): Promise<number> {
  const except: string[] = []
  let planned = 0
  let limit = BATCH
  for (;;) {
    const batch = await tryBatch(now, { limit, except }, deps)
    await deps.nudge(batch.ids)
    planned += batch.ids.length
    if (batch.failed && batch.taken.length > 1) limit = 1
    else if (batch.failed) except.push(...batch.taken)
    else if (batch.taken.length < limit) return planned
  }
}

interface Batch {
  readonly taken: string[]
  readonly ids: readonly string[]
  readonly failed: boolean
}

async function tryBatch(now: Temporal.Instant, options: Options, deps: Deps): Promise<Batch> {
  const taken: string[] = []
  try {
    const ids = await deps.db.transaction().execute((tx) => planBatch(tx, now, options, taken, deps))
    return { taken, ids, failed: false }
  } catch (error) {
    if (taken.length === 0) throw error
    if (taken.length === 1)
      deps.log.error({ err: error, enrollment: taken[0] }, 'an enrollment cannot be planned')
    return { taken, ids: [], failed: true }
  }
}

type Options = Parameters<typeof stores.enrollments.claimDue>[3]

async function planBatch(
  tx: Db,
  now: Temporal.Instant,
  options: Options,
  taken: string[],
  { stores, series }: Deps,
) {
  const due = await stores.enrollments.claimDue(tx, [...series.keys()], now, options)
  taken.push(...due.map(({ id }) => id))
  const mails: stores.deliveries.NewDelivery[] = []
  const advances: stores.enrollments.Advance[] = []
  for (const row of due) {
    const { id, nextDay } = row
    const step = nextStep(series.get(row.series) as Series, row, now)
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
  return stores.deliveries.add(tx, mails, now)
}
