/** Things known at a time; when there are more, all are forgotten and told anew. */
const MOST_KNOWN = 50

/**
 * Asks whether a thing is to be told now: null when not; else how often it was kept back since it
 * was told last.
 */
export type Seldom = (what: string) => number | null

/** Lets each thing be told once in `quietMs` milliseconds, however often it happens. */
export function openSeldom(quietMs: number): Seldom {
  const lastTold = new Map<string, { readonly at: number; keptBack: number }>()
  return (what) => {
    const now = performance.now()
    const last = lastTold.get(what)
    if (last && now - last.at < quietMs) {
      last.keptBack += 1
      return null
    }
    if (lastTold.size >= MOST_KNOWN) lastTold.clear()
    lastTold.set(what, { at: now, keptBack: 0 })
    return last?.keptBack ?? 0
  }
}
