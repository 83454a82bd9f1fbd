/**
 * How fast mail may be sent to a server or provider after it has asked for less (standards.md D21,
 * D30).
 */
import { MINUTE } from './time.ts'

export interface Pace {
  /** Mails per minute as of `slowedAt`. */
  readonly perMinute: number
  readonly slowedAt: Temporal.Instant
}

/** Initial pace of a server or provider that had no limit. */
const INITIAL_PER_MINUTE = 60
/** Growth per minute without complaint: from 30 to 1,000 a minute in 37 minutes. */
const RECOVERY_FACTOR = 1.1
/** One without a configured limit that has recovered to this is unlimited again. */
const RECOVERED_PER_MINUTE = 6_000

/**
 * Returns the mails per minute allowed at `now`: `limit`, unless the pace is below it. Null means
 * unlimited.
 */
export function perMinuteAt(
  pace: Pace | null,
  limit: number | null,
  now: Temporal.Instant,
): number | null {
  if (!pace) return limit
  const minutes = Math.max(0, Math.floor(now.since(pace.slowedAt).total('milliseconds') / MINUTE))
  const recovered = Math.floor(pace.perMinute * RECOVERY_FACTOR ** minutes)
  return recovered >= (limit ?? RECOVERED_PER_MINUTE) ? limit : Math.max(1, recovered)
}

/** Returns the pace after another request for less: half of what it was. */
export const halved = (pace: Pace | null, limit: number | null, now: Temporal.Instant): Pace => ({
  perMinute: Math.max(1, Math.floor((perMinuteAt(pace, limit, now) ?? 2 * INITIAL_PER_MINUTE) / 2)),
  slowedAt: now,
})

/** Milliseconds within which complaints count as one: they concern mails in flight together. */
export const SLOWDOWN_DEDUP_MS = MINUTE

/** Whether an operator has recently said that a server's refusals should be believed. */
export const isBelieved = (at: Temporal.Instant, now: Temporal.Instant) =>
  Temporal.Instant.compare(at.add(BELIEVED), now) > 0

/** How long refusals are believed once an operator has said so. */
const BELIEVED = { hours: 24 } as const
