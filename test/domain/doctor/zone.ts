/** DNS as a table. */

import { type DnsResolver, NoAnswerError, plainDomain } from '../../../src/domain/doctor/dns.ts'
import { reverseName } from '../../../src/domain/doctor/ip.ts'

type Line = readonly [name: string, type: 'TXT' | 'MX' | 'A' | 'AAAA' | 'PTR', ...values: string[]]

/** A name that is not listed has no records; `failing` ones do not answer. */
export function zone(lines: readonly Line[], failing: readonly string[] = []): DnsResolver {
  const of = async (name: string, ...types: readonly Line[1][]) => {
    if (failing.includes(plainDomain(name))) throw new NoAnswerError('no answer')
    return lines
      .filter(([at, type]) => at === plainDomain(name) && types.includes(type))
      .flatMap(([, , ...values]) => values)
  }
  return {
    txt: (name) => of(name, 'TXT'),
    addresses: (name) => of(name, 'A', 'AAAA'),
    ptr: (address) => of(reverseName(address), 'PTR'),
    mx: async (name) =>
      (await of(name, 'MX')).map((value) => {
        const [priority, exchange = ''] = value.split(' ')
        return { priority: Number(priority), exchange }
      }),
  }
}
