import { Problem } from '../../domain/problem.ts'
import type { Links, Purpose, Target } from '../../security/links.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly links: Links
  readonly stores: Pick<typeof stores, 'subscribers'>
}

/**
 * Purposes whose links belong to a subscriber, and what their ids refer to. Links to a change of
 * address end with that change.
 */
const OWNERS = {
  confirm: 'subscriber',
  unsubscribe: 'enrollment',
  preferences: 'enrollment',
  days: 'enrollment',
  lessons: 'delivery',
  practice: 'delivery',
  data: 'subscriber',
  erase: 'subscriber',
} as const satisfies Partial<Record<Purpose, stores.subscribers.Owner>>

export type OwnPurpose = keyof typeof OWNERS

export interface Followed extends Target {
  /** Whether nothing has made it void; true for a person who is gone. */
  readonly current: boolean
}

/**
 * Returns what a link that shows or changes something leads to, with a single query.
 *
 * @throws Problem as `links.open` does; `expired` when the links of its subscriber were made void
 * since.
 */
export async function followLink(
  purpose: OwnPurpose,
  token: string,
  deps: Deps,
): Promise<Followed> {
  const followed = await glanceAtLink(purpose, token, deps)
  if (!followed.current) throw new Problem('expired', 'link.older')
  return followed
}

/**
 * The same for a link that works forever: what it leads to can always be left, but is shown only
 * while it is `current`.
 */
export async function glanceAtLink(
  purpose: OwnPurpose,
  token: string,
  { db, now, links, stores }: Deps,
): Promise<Followed> {
  const target = links.open(purpose, token, now())
  const epoch = await stores.subscribers.epochOf(db, OWNERS[purpose], target.id)
  return { ...target, current: epoch === undefined || epoch === target.epoch }
}
