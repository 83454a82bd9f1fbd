/**
 * How fast a server or provider may be sent to after it has asked for less (standards.md D21, D30).
 */
import { MINUTE } from './time.ts'

export interface Pace {
  /** Mails a minute at the time it asked. */
  readonly perMinute: number
  readonly slowedAt: Temporal.Instant
}

/** Where the pace of one begins that had no limit. */
const FIRST = 60
/** Growth a minute without complaint: from 30 to 1,000 a minute in 37 minutes. */
const RECOVERY = 1.1
/** Without a limit of its own, one that has recovered to this has none again. */
const RECOVERED = 6_000

/**
 * Mails a minute that may go at `now`: `limit` unless the pace is below it. Null: as many as there
 * are.
 */
export function perMinuteAt(
  pace: Pace | null,
  limit: number | null,
  now: Temporal.Instant,
): number | null {
  if (!pace) return limit
  const minutes = Math.max(0, Math.floor(now.since(pace.slowedAt).total('milliseconds') / MINUTE))
  const recovered = Math.floor(pace.perMinute * RECOVERY ** minutes)
  return recovered >= (limit ?? RECOVERED) ? limit : Math.max(1, recovered)
}

/** The pace after it has asked for less: half of what it was. */
export const halved = (pace: Pace | null, limit: number | null, now: Temporal.Instant): Pace => ({
  perMinute: Math.max(1, Math.floor((perMinuteAt(pace, limit, now) ?? 2 * FIRST) / 2)),
  slowedAt: now,
})

/** Complaints within this count as one: they are of mails that were under way together. */
export const ONE_COMPLAINT = MINUTE

/** Whether an operator has lately said that a server's refusals are to be believed. */
export const isBelieved = (at: Temporal.Instant, now: Temporal.Instant) =>
  Temporal.Instant.compare(at.add(BELIEVED), now) > 0

/** How long refusals are believed once an operator has said so. */
const BELIEVED = { hours: 24 } as const
