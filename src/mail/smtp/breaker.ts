/** Keeps a server out of use while it does not work; lets one mail through now and then to see. */
export interface Breaker {
  /**
   * Whether a mail may be sent now. While the breaker is open, one is let through when its pause is
   * over.
   */
  allows(nowMs: number): boolean
  /** How many mails `allows` would let through: none, one, or all. */
  room(nowMs: number): number
  /** Says whether this has closed it. */
  succeeded(): boolean
  /** A mail was cut off that was begun at `begunMs`. Says whether this has opened it. */
  cutOff(begunMs: number, nowMs: number): boolean
  /** There is no connection to be had, or none that we may use. Says whether this has opened it. */
  refused(nowMs: number, why: 'down' | 'halt'): boolean
}

/** Mails cut off in a row that open it: one may break a connection by itself. */
const THRESHOLD = 3
/**
 * Milliseconds it stays open: longer each time the probe fails, but not at once longer than a
 * restart takes.
 */
const DOWN = [1_000, 2_000, 5_000, 15_000, 30_000] as const
/** When our password is refused: ban tools count log-ins, five within ten minutes or fewer. */
const HALT = [60_000, 300_000] as const

/**
 * What was begun before a failure and fails after it has failed of the same cause: an outage counts
 * once, however many mails were under way. Works on a clock that only goes forward, in
 * milliseconds.
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
      // The probe: whoever comes next waits for its outcome, or for another pause.
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
      return failures >= THRESHOLD && pause(nowMs, DOWN)
    },
    refused: (nowMs, why) => {
      failedAt = nowMs
      failures = THRESHOLD
      return pause(nowMs, why === 'halt' ? HALT : DOWN)
    },
  }
}
