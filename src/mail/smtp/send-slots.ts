/** How many mails may be between their claim and their result. */
export interface SendSlots {
  /**
   * Waits for room, then keeps places for at most `wanted` mails, to be given back by `free`.
   * Whoever came first is served first. Resolves with 0 once `signal` is aborted.
   */
  reserve(wanted: number, signal: AbortSignal): Promise<number>
  free(places: number): void
}

interface Waiting {
  readonly wanted: number
  readonly grant: (places: number) => void
}

/** How often it is looked whether a server is up again. */
const DOWN_MS = 200

/**
 * `room` says how many mails the servers would take: none while they are down, one as a probe, or
 * all.
 */
export function openSendSlots(most: number, room: () => number): SendSlots {
  let left = most
  let recheck: NodeJS.Timeout | undefined
  const waiting: Waiting[] = []

  const serve = () => {
    clearTimeout(recheck)
    for (let next = waiting[0]; next; next = waiting[0]) {
      const open = room()
      if (open < 2) recheck = setTimeout(serve, DOWN_MS)
      // A group is worth a claim when it is not too small; a probe is alone.
      const least = Math.min(next.wanted, open, Math.ceil(most / 2))
      if (open === 0 || left < least) return
      const granted = Math.min(next.wanted, open, left)
      left -= granted
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
        grant: (places: number) => {
          signal.removeEventListener('abort', end)
          resolve(places)
        },
      }
      signal.addEventListener('abort', end, { once: true })
      waiting.push(entry)
      serve()
      return promise
    },
    free: (places) => {
      left += places
      serve()
    },
  }
}
