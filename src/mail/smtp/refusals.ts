/** The outcomes of the mails most recently offered to a server. */
export interface Refusals {
  note(address: string, outcome: 'taken' | 'refused'): void
  /** Number of recent mails refused permanently. */
  count(): number
  /** Whether nearly all are refused: the fault is then the server's or ours, not a reader's. */
  isOfNearlyAll(): boolean
  /** Whether it is too early to believe the server: most mails were refused, but few were tried. */
  isSuspicious(): boolean
  clear(): void
}

/** Number of recent mails considered. */
export const RECENT_MAILS = 50
/** Refusals of fewer distinct addresses than this are normal for any server. */
const MIN_REFUSED_ADDRESSES = 3

export function openRefusals(): Refusals {
  let last: { readonly address: string; readonly isRefused: boolean }[] = []
  const refused = () => last.filter(({ isRefused }) => isRefused)
  const isOfSeveral = () =>
    new Set(refused().map(({ address }) => address)).size >= MIN_REFUSED_ADDRESSES
  const count = () => refused().length
  return {
    note: (address, outcome) => {
      last.push({ address, isRefused: outcome === 'refused' })
      if (last.length > RECENT_MAILS) last.shift()
    },
    count,
    isOfNearlyAll: () => count() > RECENT_MAILS / 2 && isOfSeveral(),
    isSuspicious: () => count() > last.length / 2 && isOfSeveral(),
    clear: () => {
      last = []
    },
  }
}
