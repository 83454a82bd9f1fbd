/** Things remembered at a time; beyond that, all are forgotten and may be reported again. */
const MAX_KEYS = 50

/**
 * Returns null if a thing must not be reported now, else how many times it was suppressed since it
 * was last reported.
 */
export type IntervalLimiter = (what: string) => number | null

/** Lets each thing be reported once in `quietMs` milliseconds, however often it happens. */
export function openIntervalLimiter(quietMs: number): IntervalLimiter {
  const lastTold = new Map<string, { readonly at: number; keptBack: number }>()
  return (what) => {
    const now = performance.now()
    const last = lastTold.get(what)
    if (last && now - last.at < quietMs) {
      last.keptBack += 1
      return null
    }
    if (lastTold.size >= MAX_KEYS) lastTold.clear()
    lastTold.set(what, { at: now, keptBack: 0 })
    return last?.keptBack ?? 0
  }
}
