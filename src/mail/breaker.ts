/** Keeps a server out of use while it does not work; lets one mail through now and then to see. */
export interface Breaker {
  /** Whether a mail may be sent now. While the breaker is open, one is let through when its pause is over. */
  allows(nowMs: number): boolean
  /** How many mails `allows` would let through: none, one, or all. */
  room(nowMs: number): number
  succeeded(): void
  /** Says whether this failure has opened it. */
  failed(nowMs: number): boolean
}

/** Failures in a row that open it. */
const THRESHOLD = 3
/** Milliseconds it stays open: longer each time the probe fails. */
const PAUSES = [1_000, 5_000, 15_000, 30_000, 60_000] as const
const LONGEST = 60_000

/** Works on a clock that only goes forward, in milliseconds. */
export function openBreaker(): Breaker {
  let failures = 0
  let pausedUntil: number | null = null
  const pause = (nowMs: number) => {
    pausedUntil = nowMs + (PAUSES[failures - THRESHOLD] ?? LONGEST)
  }
  const room = (nowMs: number) =>
    pausedUntil === null ? Number.POSITIVE_INFINITY : nowMs < pausedUntil ? 0 : 1
  return {
    room,
    allows: (nowMs) => {
      const free = room(nowMs)
      // The probe: whoever comes next waits for its outcome, or for another pause.
      if (free === 1) pause(nowMs)
      return free > 0
    },
    succeeded: () => {
      failures = 0
      pausedUntil = null
    },
    failed: (nowMs) => {
      failures += 1
      if (failures >= THRESHOLD) pause(nowMs)
      return failures === THRESHOLD
    },
  }
}
