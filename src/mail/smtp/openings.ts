/**
 * How many connections a server takes at present: learned from those it refuses, and slowly tried
 * again.
 */
export interface Openings {
  /**
   * Milliseconds until one more connection may be opened; Infinity: not before one of those there
   * are has changed. `open` counts all whose socket is open, those being opened and those being
   * closed too.
   */
  waitMs(
    counts: { readonly open: number; readonly beginning: number; readonly working: number },
    nowMs: number,
  ): number
  /** One was opened; `open` are now. */
  opened(open: number, nowMs: number): void
  /** One was refused while `othersOpen` were open. Nothing more is tried for `leastMs`. */
  refused(othersOpen: number, nowMs: number, leastMs?: number): void
  /** Milliseconds for which a connection counts that is closed. */
  noticedMs(): number
  /** What another process has learned, for one that has learned nothing itself. */
  learn(most: number, nowMs: number): void
}

/**
 * Milliseconds until more are tried than were taken: twice as long after each refusal, half as long
 * after each success.
 */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 60_000
/**
 * How long a connection counts after its end once one that replaced another was refused: a server
 * with a process for each learns of its end a moment later (Exim's smtp_accept_max_per_host). Until
 * then nothing is waited for.
 */
const NOTICED = 25

/**
 * Never more than `most`. As many are opened at a time as work already, at least one: what is wrong
 * with a server, or with our password, is found out by one connection and not by all. Works on a
 * clock that only goes forward.
 */
export function openOpenings(most: number): Openings {
  /**
   * What it is known to take, and what is opened at present: less, after a refusal that may have
   * been chance.
   */
  let known = Number.POSITIVE_INFINITY
  let allowed = Number.POSITIVE_INFINITY
  /** How many it has had at once. */
  let peak = 0
  let pause = FIRST_PAUSE / 2
  let tryAt = Number.NEGATIVE_INFINITY
  let noticedMs = 0
  return {
    waitMs: ({ open, beginning, working }, nowMs) => {
      if (open >= most || beginning >= Math.max(1, working)) return Number.POSITIVE_INFINITY
      if (open < allowed) return 0
      return beginning > 0 ? Number.POSITIVE_INFINITY : Math.max(0, tryAt - nowMs)
    },
    opened: (open, nowMs) => {
      peak = Math.max(peak, open)
      if (open <= allowed) return
      allowed = open
      // Of a burst of which others were refused, it is no sign that there is more room.
      if (nowMs < tryAt) return
      if (open <= known) allowed = known
      else {
        known = open
        pause /= 2
      }
      tryAt = nowMs + pause
    },
    refused: (othersOpen, nowMs, leastMs = 0) => {
      peak = Math.max(peak, othersOpen)
      // A server may count a connection for a moment longer than it is open: one that is replaced
      // is then refused.
      const had = Math.min(known, peak)
      const mayBeChance = allowed >= had && othersOpen < had
      if (mayBeChance) noticedMs = NOTICED
      const isOneLess = mayBeChance || nowMs < tryAt
      allowed = Math.max(1, othersOpen, isOneLess ? Math.min(allowed, had) - 1 : 0)
      if (nowMs < tryAt) return
      if (!mayBeChance) {
        known = allowed
        pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, pause * 2))
      }
      tryAt = nowMs + Math.max(mayBeChance ? FIRST_PAUSE : pause, leastMs)
    },
    noticedMs: () => noticedMs,
    learn: (learned, nowMs) => {
      if (allowed !== Number.POSITIVE_INFINITY) return
      known = Math.max(1, learned)
      allowed = known
      tryAt = nowMs + FIRST_PAUSE
    },
  }
}
