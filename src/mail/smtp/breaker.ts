/** Keeps a broken server out of use, letting a mail through now and then as a probe. */
export interface Breaker {
  /**
   * Returns whether a mail may be sent now. While the breaker is open, one is let through each time
   * its pause is over.
   */
  allows(nowMs: number): boolean
  /** Returns how many mails `allows` would let through: none, one, or all. */
  room(nowMs: number): number
  /** Records a success; returns whether this closed the breaker. */
  succeeded(): boolean
  /** Records that a mail begun at `begunMs` was cut off; returns whether this opened it. */
  cutOff(begunMs: number, nowMs: number): boolean
  /** Records that no connection is available or usable; returns whether this opened it. */
  refused(nowMs: number, why: 'down' | 'halt'): boolean
}

/** Consecutive cut-off mails that open it; a single one may break a connection by itself. */
const THRESHOLD = 3
/**
 * Milliseconds the breaker stays open, longer after each failed probe; the first pauses are no
 * longer than a restart takes.
 */
const DOWN_PAUSES_MS = [1_000, 2_000, 5_000, 15_000, 30_000] as const
/** Pauses after a rejected password: ban tools count log-ins, five within ten minutes or fewer. */
const HALT_PAUSES_MS = [60_000, 300_000] as const

/**
 * Opens a breaker. Mails begun before a failure that fail after it share its cause, so an outage
 * counts once however many mails were under way. Needs a monotonic clock in milliseconds.
 */
export function openBreaker(): Breaker {
  let failures = 0
  let failedAt = Number.NEGATIVE_INFINITY
  let pauses = 0
  let lasts = 0
  let pausedUntil: number | null = null

  const pause = (nowMs: number, of: readonly number[]) => {
    const isFirst = pausedUntil === null
    lasts = of[pauses] ?? of.at(-1) ?? 0
    pauses += 1
    pausedUntil = nowMs + lasts
    return isFirst
  }
  const room = (nowMs: number) =>
    pausedUntil === null ? Number.POSITIVE_INFINITY : nowMs < pausedUntil ? 0 : 1
  return {
    room,
    allows: (nowMs) => {
      const free = room(nowMs)
      // This mail is the probe; the next one waits for its outcome, or for another pause.
      if (free === 1) pausedUntil = nowMs + lasts
      return free > 0
    },
    succeeded: () => {
      const wasOpen = pausedUntil !== null
      failures = 0
      pauses = 0
      pausedUntil = null
      return wasOpen
    },
    cutOff: (begunMs, nowMs) => {
      if (begunMs < failedAt) return false
      failedAt = nowMs
      failures += 1
      return failures >= THRESHOLD && pause(nowMs, DOWN_PAUSES_MS)
    },
    refused: (nowMs, why) => {
      failedAt = nowMs
      failures = THRESHOLD
      return pause(nowMs, why === 'halt' ? HALT_PAUSES_MS : DOWN_PAUSES_MS)
    },
  }
}
