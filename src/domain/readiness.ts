/**
 * Whether a process is ready, measured at the reader: by mail that should have come and has not.
 */
import { isAfter, MINUTE } from './time.ts'

/** Since when the oldest mails of each kind have been due; null if there are none. */
export interface OverdueMail {
  /** Enrollments that are due and not planned. */
  readonly unplanned: Temporal.Instant | null
  /** Planned mails that wait for a sender or a server, or are being sent. */
  readonly planned: Temporal.Instant | null
  /** Mails that were deferred, or whose outcome is unknown and that will be resent. */
  readonly deferred: Temporal.Instant | null
  /** Number of deferred mails; counting stops at a limit. */
  readonly deferrals: number
}

export interface ReadinessFacts {
  readonly behind: OverdueMail
  readonly now: Temporal.Instant
  /** Minutes that mail may be behind. */
  readonly mayBeBehind: number
  /** Milliseconds since a server last accepted a mail from any process; null if none has. */
  readonly acceptedAgoMs: number | null
}

/** From this many deferred mails on, single mailboxes are not the cause. */
const MANY_DEFERRED = 20

/**
 * Whether mail gets through. A mail that waits for Dawnpost is late after `mayBeBehind` minutes;
 * one that its recipient's server has deferred is not, unless many are and no server accepts
 * anything.
 */
export function isMailFlowing({
  behind,
  now,
  mayBeBehind,
  acceptedAgoMs,
}: ReadinessFacts): boolean {
  const limit = mayBeBehind * MINUTE
  const isLate = (due: Temporal.Instant | null) =>
    due !== null && isAfter(now, due.add({ milliseconds: limit }))
  if (isLate(behind.unplanned) || isLate(behind.planned)) return false
  const nothingTaken = acceptedAgoMs === null || acceptedAgoMs > limit
  return !(isLate(behind.deferred) && behind.deferrals >= MANY_DEFERRED && nothingTaken)
}

/** Returns whole seconds since the oldest of these was due; 0 if nothing is behind. */
export function secondsBehind(
  dues: readonly (Temporal.Instant | null)[],
  now: Temporal.Instant,
): number {
  const seconds = dues.map((due) => (due ? now.since(due).total('seconds') : 0))
  return Math.max(0, ...seconds.map(Math.round))
}
