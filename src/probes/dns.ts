/** DNS, asked directly: what the world sees, and not what /etc/hosts says. */
import { Resolver } from 'node:dns/promises'
import { type DnsResolver, NoAnswerError } from '../domain/doctor/dns.ts'
import { reverseName } from '../domain/doctor/ip.ts'

/** The name or the kind of record does not exist; the last cannot exist. */
const NOTHING = ['ENOTFOUND', 'ENODATA', 'EBADNAME']
const WORDS: Readonly<Record<string, string>> = {
  ETIMEOUT: 'no DNS server answers in time',
  ECONNREFUSED: 'no DNS server can be reached',
  ESERVFAIL: 'the DNS servers of the domain fail (SERVFAIL)',
  EREFUSED: 'the DNS server refuses to answer',
}

export interface OpenNames extends DnsResolver {
  /** Ends what is being asked. */
  close(): void
}

/**
 * Asks the servers given (`ip` or `ip:port`), or those of this machine. No question takes longer
 * than some four seconds, and none is asked twice.
 */
export function openNames(servers: readonly string[] | null): OpenNames {
  const resolver = new Resolver({ timeout: 1_500, tries: 2, maxTimeout: 2_500 })
  if (servers) resolver.setServers(servers)
  const known = new Map<string, Promise<readonly unknown[]>>()
  const once = <T>(key: string, ask: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    const asked = (known.get(key) as Promise<readonly T[]> | undefined) ?? answered(key, ask)
    known.set(key, asked)
    return asked
  }
  const ask = <T>(type: string, name: string, query: (name: string) => Promise<readonly T[]>) =>
    once(`${type} ${name.toLowerCase()}`, () => query(name))
  return {
    txt: (name) =>
      ask('TXT', name, async (name) =>
        (await resolver.resolveTxt(name)).map((pieces) => pieces.join('')),
      ),
    mx: (name) =>
      ask('MX', name, async (name) =>
        (await resolver.resolveMx(name)).toSorted((a, b) => a.priority - b.priority),
      ),
    ptr: (address) => ask('PTR', reverseName(address), (name) => resolver.resolvePtr(name)),
    addresses: async (name) => {
      const both = await Promise.all([
        ask('A', name, (name) => resolver.resolve4(name)),
        ask('AAAA', name, (name) => resolver.resolve6(name)),
      ])
      return both.flat()
    },
    close: () => resolver.cancel(),
  }
}

async function answered<T>(key: string, ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await ask()
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (NOTHING.includes(code)) return []
    throw new NoAnswerError(`${WORDS[code] ?? `DNS fails (${code})`}: ${key}`, { cause })
  }
}
