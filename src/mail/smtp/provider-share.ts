/** Keeps a slow provider from taking all connections. */
export interface ProviderShare {
  /**
   * Counts in a mail to this provider and returns the function that counts it out again; returns
   * null if the mail must wait.
   */
  enter(provider: string, nowMs: number): (() => void) | null
}

/** An answer that takes longer than this is slow. */
const SLOW_MS = 3_000

/**
 * Limits a provider whose oldest mail has waited long for its answer to half of the connections.
 */
export function openProviderShare(connections: number): ProviderShare {
  const share = Math.max(1, Math.floor(connections / 2))
  const inside = new Map<string, Set<number>>()
  return {
    enter: (provider, nowMs) => {
      const begun = inside.get(provider) ?? new Set()
      // A Set keeps insertion order, so the first entry is the oldest.
      const [oldest = nowMs] = begun
      if (begun.size >= share && nowMs - oldest > SLOW_MS) return null
      // Two mails may begin at the same clock reading.
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
