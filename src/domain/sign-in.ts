/** How long a sign-in link works, and how long somebody stays signed in. Milliseconds. */
import { DAY, HOUR, MINUTE } from './time.ts'

/** Short: its owner uses a link immediately, and others may read its mail later. */
export const LINK_TTL_MS = 15 * MINUTE

/**
 * Unused links that may be mailed to somebody within a day: enough for a slow mailbox, too few to
 * flood it.
 */
export const UNUSED_LINK_LIMIT = { most: 10, within: DAY } as const

/**
 * Limits without a visit, and in total: somebody who reads once a month stays signed in, a lost
 * phone does not.
 */
const [IDLE, IN_ALL] = [30 * DAY, 180 * DAY]

/** How long a browser keeps a session, in seconds. */
export const SESSION_SECONDS = IN_ALL / 1_000

/** Minimum time between two noted visits: reading pages causes hardly any writes. */
export const VISIT_INTERVAL_MS = HOUR

/** Returns when sessions that are valid at `now` must have begun and been seen last. */
export const sessionCutoffs = (now: Temporal.Instant) => ({
  begunAfter: now.subtract({ milliseconds: IN_ALL }),
  seenAfter: now.subtract({ milliseconds: IDLE }),
})
