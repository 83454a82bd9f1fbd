/** Second levels under which registries of countries sell names, as in example.co.uk. */
const SHARED = new Set('ac co com edu go gob gov ne net nom or org'.split(' '))

/**
 * Who owns a domain: the name that was registered, as far as it can be told without a list of all
 * registries. Whoever has one name can have any number below it, so these count as one. Names that
 * their registry sells below one of its own may count as one, too: it errs to that side.
 */
export function ownerOf(domain: string): string {
  const labels = domain.toLowerCase().split('.')
  const [top = '', second = ''] = labels.toReversed()
  return labels.slice(top.length === 2 && SHARED.has(second) ? -3 : -2).join('.')
}

/** How many owners these domains have. */
export const ownersOf = (domains: Iterable<string>): number =>
  new Set([...domains].map(ownerOf)).size
