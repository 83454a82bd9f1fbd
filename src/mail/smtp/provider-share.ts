/** Keeps a provider that answers slowly from taking all connections. */
export interface ProviderShare {
  /**
   * Counts a mail to this provider in; null when it must wait. The function given counts it out
   * again.
   */
  enter(provider: string, nowMs: number): (() => void) | null
}

/** An answer that takes this long is slow. */
const SLOW_MS = 3_000

/**
 * A provider whose oldest mail has waited long for its answer gets no more than half of the
 * connections.
 */
export function openProviderShare(connections: number): ProviderShare {
  const share = Math.max(1, Math.floor(connections / 2))
  const inside = new Map<string, Set<number>>()
  return {
    enter: (provider, nowMs) => {
      const begun = inside.get(provider) ?? new Set()
      // Sets keep the order of adding: the first is the oldest.
      const [oldest = nowMs] = begun
      if (begun.size >= share && nowMs - oldest > SLOW_MS) return null
      // Two may begin in the same millisecond fraction.
      let mark = nowMs
      while (begun.has(mark)) mark += 1e-6
      begun.add(mark)
      inside.set(provider, begun)
      return () => {
        begun.delete(mark)
        if (begun.size === 0) inside.delete(provider)
      }
    },
  }
}
