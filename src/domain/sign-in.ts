/** How long whoever signs in has for it, and how long they stay signed in. Milliseconds. */
import { DAY, HOUR, MINUTE } from './time.ts'

/** A link is typed in at once, or by nobody who should: its mail may be read by others later. */
export const LINK_WORKS = 15 * MINUTE

/**
 * Links that were mailed to somebody within a day and not used, before there are no more: enough
 * for a mailbox that is slow, and no tool for flooding it.
 */
export const UNUSED_LINKS = { most: 10, within: DAY } as const

/** Without a visit, and in all: somebody who reads once a month stays, a lost phone does not. */
const [IDLE, IN_ALL] = [30 * DAY, 180 * DAY]

/** As long as a browser keeps a session, in seconds. */
export const LASTS_SECONDS = IN_ALL / 1_000

/** A visit is noted so often at most: a page that is read writes nothing. */
export const NOTED_EVERY = HOUR

/** When sessions must have begun, and been seen last, that last at `now`. */
export const aliveAt = (now: Temporal.Instant) => ({
  begunAfter: now.subtract({ milliseconds: IN_ALL }),
  seenAfter: now.subtract({ milliseconds: IDLE }),
})
