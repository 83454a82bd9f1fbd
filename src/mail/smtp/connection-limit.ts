/**
 * Tracks how many connections a server accepts at present: learned from refusals, and cautiously
 * retried.
 */
export interface ConnectionLimit {
  /**
   * Returns milliseconds until one more connection may be opened; Infinity means not before an
   * existing one changes. `open` counts all open sockets, including those being opened or closed.
   */
  waitMs(
    counts: { readonly open: number; readonly beginning: number; readonly working: number },
    nowMs: number,
  ): number
  /** Records that one was opened; `open` are open now. */
  opened(open: number, nowMs: number): void
  /** Records that one was refused while `othersOpen` were open. No more are tried for `leastMs`. */
  refused(othersOpen: number, nowMs: number, leastMs?: number): void
  /** Milliseconds for which a closed connection still counts. */
  lingerMs(): number
  /** Adopts what another process has learned, if nothing has been learned here yet. */
  learn(most: number, nowMs: number): void
}

/**
 * Milliseconds until more connections are tried than were accepted: doubled after each refusal,
 * halved after each success.
 */
const INITIAL_BACKOFF_MS = 500
const MAX_BACKOFF_MS = 60_000
/**
 * Milliseconds a connection counts after its end, once a replacement has been refused: a server
 * with one process per connection notices the end a moment later (Exim's smtp_accept_max_per_host).
 * Before the first such refusal nothing waits.
 */
const LINGER_MS = 25

/**
 * Allows at most `most` connections. At a time, as many are opened as already work, at least one: a
 * problem with a server or with our password then shows on one connection, not on all. Needs a
 * monotonic clock.
 */
export function openConnectionLimit(maxConnections: number): ConnectionLimit {
  /**
   * `known`: what the server is known to accept. `allowed`: what is opened at present, which is
   * less after a refusal that may have been chance.
   */
  let known = Number.POSITIVE_INFINITY
  let allowed = Number.POSITIVE_INFINITY
  /** Most connections it has accepted at the same time. */
  let peak = 0
  let pause = INITIAL_BACKOFF_MS / 2
  let tryAt = Number.NEGATIVE_INFINITY
  let noticedMs = 0
  return {
    waitMs: ({ open, beginning, working }, nowMs) => {
      if (open >= maxConnections || beginning >= Math.max(1, working))
        return Number.POSITIVE_INFINITY
      if (open < allowed) return 0
      return beginning > 0 ? Number.POSITIVE_INFINITY : Math.max(0, tryAt - nowMs)
    },
    opened: (open, nowMs) => {
      peak = Math.max(peak, open)
      if (open <= allowed) return
      allowed = open
      // In a burst of which others were refused, one success does not show that there is more room.
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
      // A server may count a connection for a moment after it has closed, and so refuse its
      // replacement.
      const had = Math.min(known, peak)
      const mayBeChance = allowed >= had && othersOpen < had
      if (mayBeChance) noticedMs = LINGER_MS
      const isOneLess = mayBeChance || nowMs < tryAt
      allowed = Math.max(1, othersOpen, isOneLess ? Math.min(allowed, had) - 1 : 0)
      if (nowMs < tryAt) return
      if (!mayBeChance) {
        known = allowed
        pause = Math.min(MAX_BACKOFF_MS, Math.max(INITIAL_BACKOFF_MS, pause * 2))
      }
      tryAt = nowMs + Math.max(mayBeChance ? INITIAL_BACKOFF_MS : pause, leastMs)
    },
    lingerMs: () => noticedMs,
    learn: (learned, nowMs) => {
      if (allowed !== Number.POSITIVE_INFINITY) return
      known = Math.max(1, learned)
      allowed = known
      tryAt = nowMs + INITIAL_BACKOFF_MS
    },
  }
}
