/** TXT lookups in the DNS. */
import { Resolver } from 'node:dns/promises'

const RESOLVER_OPTIONS = { timeout: 3_000, tries: 2 }

/** The name does not exist, or has only records of other types. */
const NONE = new Set(['ENOTFOUND', 'ENODATA'])

export interface TxtResolver {
  /** Returns each record as one string; empty if there is none. */
  lookup(name: string): Promise<string[]>
}

/**
 * Opens lookups by this machine's resolvers, or by one given by address (`192.0.2.53`,
 * `[2001:db8::53]:5300`). Lookups throw node:dns errors if no resolver answers. Throws a TypeError
 * if `server` is not an address.
 */
export function openTxtResolver(server?: string): TxtResolver {
  const resolver = new Resolver(RESOLVER_OPTIONS)
  if (server !== undefined) resolver.setServers([server])
  return {
    lookup: async (name) => {
      try {
        return (await resolver.resolveTxt(name)).map((strings) => strings.join(''))
      } catch (error) {
        if (NONE.has((error as NodeJS.ErrnoException).code ?? '')) return []
        throw error
      }
    },
  }
}
