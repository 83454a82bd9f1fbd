/**
 * Providers whose many domains share mail servers, and with them one reputation of a sender (D21).
 */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  gmail: ['gmail.com', 'googlemail.com'],
  outlook: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com'],
  yahoo: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'aol.com', 'aim.com'],
}
/** Their national domains, such as hotmail.co.uk and yahoo.de. */
const NATIONAL = /^(?:(outlook|hotmail|live)|(yahoo))\.(?:com?\.)?[a-z]{2}$/

const known = new Map(
  Object.entries(GROUPS).flatMap(([group, domains]) =>
    domains.map((domain): [string, string] => [domain, group]),
  ),
)

/**
 * Returns the key that limits for recipients count by: `gmail`, `outlook`, `yahoo`, or the domain
 * of the address.
 */
export function providerOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  const [national, microsoft] = NATIONAL.exec(domain) ?? []
  if (national) return microsoft ? 'outlook' : 'yahoo'
  return known.get(domain) ?? domain
}
