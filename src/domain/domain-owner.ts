/** Second-level labels below which country registries sell names, as in example.co.uk. */
const SHARED = new Set('ac co com edu go gob gov ne net nom or org'.split(' '))

/**
 * Returns who owns a domain: the registered name, as far as it can be known without a list of all
 * registries. An owner can create any number of names below it, so these count as one. Names that a
 * registry sells below another second level may count as one too, which is the safer error.
 */
export function ownerOf(domain: string): string {
  const labels = domain.toLowerCase().split('.')
  const [top = '', second = ''] = labels.toReversed()
  return labels.slice(top.length === 2 && SHARED.has(second) ? -3 : -2).join('.')
}

/** Counts the owners of these domains. */
export const countOwners = (domains: Iterable<string>): number =>
  new Set([...domains].map(ownerOf)).size
