/** Limits the number of mails between claim and result. */
export interface SendSlots {
  /**
   * Waits for room, then reserves up to `wanted` slots, which the caller returns with `free`.
   * Callers are served in order. Resolves with 0 once `signal` is aborted.
   */
  reserve(wanted: number, signal: AbortSignal): Promise<number>
  free(slots: number): void
}

/** The minimum number of slots, and the maximum if mails leave quickly. */
export interface SlotLimits {
  readonly least: number
  readonly most: number
}

interface Waiting {
  readonly wanted: number
  readonly grant: (slots: number) => void
}

/** Interval in milliseconds between checks for whether a server is up again. */
const RECHECK_INTERVAL_MS = 200
/**
 * As many mails may be claimed ahead as leave in this time, because a claim costs as much as
 * several mails.
 */
const CLAIM_AHEAD_MS = 100

/** `room` returns how many mails the servers take: none while down, one as a probe, or all. */
export function openSendSlots(
  limits: SlotLimits,
  room: () => number,
  clock = () => performance.now(),
): SendSlots {
  const size = openSize(limits, clock)
  let used = 0
  let recheck: NodeJS.Timeout | undefined
  const waiting: Waiting[] = []

  const serve = () => {
    clearTimeout(recheck)
    for (let next = waiting[0]; next; next = waiting[0]) {
      const open = room()
      if (open < 2) recheck = setTimeout(serve, RECHECK_INTERVAL_MS)
      const left = size.now() - used
      // Very small groups are not worth a claim; a probe is always a single mail.
      const least = Math.min(next.wanted, open, Math.ceil(size.now() / 2))
      if (open === 0 || left < least) return
      const granted = Math.min(next.wanted, open, left)
      used += granted
      waiting.shift()
      next.grant(granted)
    }
  }
  return {
    reserve: (wanted, signal) => {
      const { promise, resolve } = Promise.withResolvers<number>()
      if (signal.aborted) return Promise.resolve(0)
      const end = () => {
        waiting.splice(waiting.indexOf(entry), 1)
        resolve(0)
      }
      const entry = {
        wanted,
        grant: (slots: number) => {
          signal.removeEventListener('abort', end)
          resolve(slots)
        },
      }
      signal.addEventListener('abort', end, { once: true })
      waiting.push(entry)
      serve()
      return promise
    },
    free: (slots) => {
      used -= slots
      size.left(slots)
      serve()
    },
  }
}

/** Adapts the number of slots to how quickly mails leave. */
function openSize({ least, most }: SlotLimits, clock: () => number) {
  let size = least
  let [since, count] = [clock(), 0]
  return {
    now: () => size,
    left: (slots: number) => {
      count += slots
      const ms = clock() - since
      if (ms < CLAIM_AHEAD_MS) return
      size = Math.min(most, Math.max(least, Math.round((count * CLAIM_AHEAD_MS) / ms)))
      since += ms
      count = 0
    },
  }
}
