import { MINUTE } from '../../domain/time.ts'

/**
 * What a network may be refused in a minute before it is not looked at any more. What it could guess
 * is too long to be guessed; behind a proxy that is not trusted all share one network.
 */
export const MOST_REFUSALS = 300
/** Networks that are remembered; when there are more, those that were refused first are forgotten. */
const MOST_NETWORKS = 1_000

interface Refusals {
  isOver(network: string, nowMs: number): boolean
  note(network: string, nowMs: number): void
}

/** Counts what was refused, by network, in this process. A provider is never refused that often. */
export function openRefusals(): Refusals {
  const counts = new Map<string, { since: number; count: number }>()
  const current = (network: string, nowMs: number) => {
    const one = counts.get(network)
    return one && nowMs - one.since < MINUTE ? one : undefined
  }
  return {
    isOver: (network, nowMs) => (current(network, nowMs)?.count ?? 0) >= MOST_REFUSALS,
    note(network, nowMs) {
      const one = current(network, nowMs) ?? { since: nowMs, count: 0 }
      counts.delete(network)
      const [oldest] = counts.keys()
      if (counts.size >= MOST_NETWORKS && oldest !== undefined) counts.delete(oldest)
      counts.set(network, { ...one, count: one.count + 1 })
    },
  }
}
