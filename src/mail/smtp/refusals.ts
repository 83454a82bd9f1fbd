/** What a server has said lately of the mails it was offered. */
export interface Refusals {
  note(address: string, outcome: 'taken' | 'refused'): void
  /** How many of the last were refused for good. */
  count(): number
  /** Whether it refuses nearly everybody: the fault is then its own, or ours, and no reader's. */
  isOfNearlyAll(): boolean
  /** Whether it would be hasty to believe it: most were refused, but only few mails were tried. */
  isSuspicious(): boolean
  clear(): void
}

/** The mails that are looked at. */
export const LAST = 50
/** Fewer addresses than these are refused of anybody. */
const FEW = 3

export function openRefusals(): Refusals {
  let last: { readonly address: string; readonly isRefused: boolean }[] = []
  const refused = () => last.filter(({ isRefused }) => isRefused)
  const isOfSeveral = () => new Set(refused().map(({ address }) => address)).size >= FEW
  const count = () => refused().length
  return {
    note: (address, outcome) => {
      last.push({ address, isRefused: outcome === 'refused' })
      if (last.length > LAST) last.shift()
    },
    count,
    isOfNearlyAll: () => count() > LAST / 2 && isOfSeveral(),
    isSuspicious: () => count() > last.length / 2 && isOfSeveral(),
    clear: () => {
      last = []
    },
  }
}
