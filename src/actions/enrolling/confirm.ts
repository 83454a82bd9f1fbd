import { Problem } from '../../domain/problem.ts'
import { firstMorning } from '../../domain/schedule.ts'
import { DAY, dateIn } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'subscribers' | 'enrollments' | 'consents' | 'suppressions' | 'deliveries'
  >
  readonly enqueue: (ids: readonly string[]) => Promise<void>
}

interface Confirmation {
  readonly consent: stores.consents.Consent
  /** The series that are meant: all that are pending where nothing is said. */
  readonly only?: readonly string[] | undefined
}

interface Confirming {
  readonly subscriberId: string
  readonly now: Temporal.Instant
}

/**
 * Confirms whatever a subscriber has pending, or of it the series in `only`: each series begins at
 * the next occurrence of its time, and a welcome mail goes out at once, one for all. Doing it twice
 * changes nothing.
 *
 * @throws Problem `expired` when nothing is pending and nothing was ever confirmed.
 */
export async function confirm(
  subscriberId: string,
  { consent, only }: Confirmation,
  deps: Deps,
): Promise<stores.enrollments.Enrollment[]> {
  const now = deps.now()
  const ids = await deps.db
    .transaction()
    .execute((tx) => begin(tx, { subscriberId, consent, only, now }, deps.stores))
  await deps.enqueue(ids)
  const confirmed = (await deps.stores.enrollments.ofSubscriber(deps.db, subscriberId)).filter(
    ({ status }) => status === 'active',
  )
  if (confirmed.length === 0) throw new Problem('expired', 'link.confirm-expired')
  return confirmed
}

async function begin(
  tx: Db,
  { subscriberId, consent, only, now }: Confirmation & Confirming,
  stores: Deps['stores'],
) {
  const subscriber = await stores.subscribers.byId(tx, subscriberId)
  if (!subscriber) throw new Problem('expired', 'link.confirm-expired')
  const all = await stores.enrollments.ofSubscriber(tx, subscriberId, { lock: true })
  const pending = all.filter(
    ({ status, series }) => status === 'pending' && (only?.includes(series) ?? true),
  )
  for (const row of pending) {
    const first = firstMorning(stores.enrollments.rhythmOf(row), now)
    await stores.enrollments.activate(tx, row.id, first, now)
  }
  const [first] = pending
  if (!first) return []
  await stores.consents.record(
    tx,
    'confirmed',
    pending.map(({ id }) => id),
    consent,
    now,
  )
  await stores.suppressions.lift(tx, subscriber.address_hash)
  const welcome = {
    enrollmentId: first.id,
    series: first.series,
    kind: 'welcome' as const,
    item: 'welcome',
    day: null,
    morning: { on: dateIn(first.zone, now), at: now, until: now.add({ milliseconds: 2 * DAY }) },
  }
  return stores.deliveries.add(tx, [welcome], now)
}
