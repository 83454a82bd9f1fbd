/** Names of the hosts that send, and reverse names of their addresses. */

import type { DnsResolver } from '../../../domain/doctor/dns.ts'
import { type DoctorFinding, info } from '../../../domain/doctor/finding.ts'
import { isPublic, isSameAddress } from '../../../domain/doctor/ip.ts'
import { judgeHost, type ReverseLookup } from '../../../domain/doctor/judge-names.ts'
import type { SmtpServer } from '../../../platform/smtp-server.ts'
import type { Check } from './check.ts'

interface Sender {
  readonly servers: readonly SmtpServer[]
  readonly sendingIp: string | null
  readonly ownAddress: string | null
}

interface Deps {
  readonly names: DnsResolver
}

/** Returns one check for each name that is given in EHLO. */
export function hostChecks(sender: Sender, deps: Deps): Check[] {
  const byName = Map.groupBy(sender.servers, ({ ehloName }) => ehloName ?? '')
  return [...byName].map(([name, servers]): Check => {
    const what = `the name ${name || 'in EHLO'}`
    return { group: 'dns', what, run: () => judged(name, servers, sender, deps) }
  })
}

async function judged(
  name: string,
  servers: readonly SmtpServer[],
  { sendingIp, ownAddress }: Sender,
  { names }: Deps,
): Promise<DoctorFinding[]> {
  if (name === '' || name.startsWith('[')) return [nameless(name)]
  const addresses = await names.addresses(name)
  const seen = sendingIp === null ? addresses.filter(isPublic) : [sendingIp]
  const reverse = await Promise.all(seen.map((address) => reverseOf(address, names)))
  const isSeen = sendingIp !== null || servers.some(({ loopback }) => loopback)
  return judgeHost({ name, addresses, reverse, isSeen, ownAddress: sendingIp ?? ownAddress })
}

async function reverseOf(address: string, names: DnsResolver): Promise<ReverseLookup> {
  const ptrNames = (await names.ptr(address)).slice(0, 10)
  const forward = ptrNames.map(async (name) => ({
    name,
    addresses: (await names.addresses(name)).filter((forwardAddress) =>
      isSameAddress(forwardAddress, address),
    ),
  }))
  return { address, names: await Promise.all(forward) }
}

const nameless = (name: string) =>
  info(
    'dns.ehlo.nameless',
    name ? `The EHLO name is an address, ${name}.` : 'The EHLO name is the name of this machine.',
    {
      why: 'Some servers require a name that is in DNS.',
      fix: 'Set PUBLIC_URL, whose host then becomes the EHLO name, or set ?name=… in SMTP_URL.',
      settings: ['PUBLIC_URL'],
    },
  )
