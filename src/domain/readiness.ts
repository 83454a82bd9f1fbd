/** Whether a process is ready: counted from the reader, by what should have come and has not. */
import { isAfter, MINUTE } from './time.ts'

/** Since when the oldest mails of each kind have been due; null: there is none. */
export interface Behind {
  /** Enrollments that are due and not planned. */
  readonly unplanned: Temporal.Instant | null
  /** Planned mails that wait for a sender or a server, or are being sent. */
  readonly planned: Temporal.Instant | null
  /** Mails that were deferred, or whose outcome is unknown and that are sent again. */
  readonly deferred: Temporal.Instant | null
  /** How many are deferred; of very many, not all are counted. */
  readonly deferrals: number
}

export interface Situation {
  readonly behind: Behind
  readonly now: Temporal.Instant
  /** Minutes that mail may be behind. */
  readonly mayBeBehind: number
  /** Since a server last took a mail, of whichever process; null: none has. */
  readonly acceptedAgoMs: number | null
}

/** So many deferred mails are no longer the business of single mailboxes. */
const MANY = 20

/**
 * Whether mail comes. A mail that waits for us is late after `mayBeBehind` minutes; one that its
 * recipient's server has deferred is not, unless many are and no server takes anything.
 */
export function mailComes({ behind, now, mayBeBehind, acceptedAgoMs }: Situation): boolean {
  const limit = mayBeBehind * MINUTE
  const isLate = (due: Temporal.Instant | null) =>
    due !== null && isAfter(now, due.add({ milliseconds: limit }))
  if (isLate(behind.unplanned) || isLate(behind.planned)) return false
  const nothingTaken = acceptedAgoMs === null || acceptedAgoMs > limit
  return !(isLate(behind.deferred) && behind.deferrals >= MANY && nothingTaken)
}

/** Whole seconds since the oldest of these was due; 0: nothing is behind. */
export function secondsBehind(
  dues: readonly (Temporal.Instant | null)[],
  now: Temporal.Instant,
): number {
  const seconds = dues.map((due) => (due ? now.since(due).total('seconds') : 0))
  return Math.max(0, ...seconds.map(Math.round))
}
