/** TXT records, as the DNS has them now. */
import { Resolver } from 'node:dns/promises'

const PATIENCE = { timeout: 3_000, tries: 2 }

/** Names that are not there, and names that have other records only. */
const NONE = new Set(['ENOTFOUND', 'ENODATA'])

export interface Texts {
  /** Each record in one text; empty where there is none. */
  of(name: string): Promise<string[]>
}

/**
 * Asks the resolvers of this machine, or one that is named by its address (`192.0.2.53`,
 * `[2001:db8::53]:5300`). Its answers throw what node:dns throws when nobody answers. Throws a
 * TypeError for what is no address.
 */
export function openTexts(server?: string): Texts {
  const resolver = new Resolver(PATIENCE)
  if (server !== undefined) resolver.setServers([server])
  return {
    of: async (name) => {
      try {
        return (await resolver.resolveTxt(name)).map((strings) => strings.join(''))
      } catch (error) {
        if (NONE.has((error as NodeJS.ErrnoException).code ?? '')) return []
        throw error
      }
    },
  }
}
