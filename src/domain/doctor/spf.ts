/** SPF (RFC 7208): reads a domain's record, counts its lookups and judges an address by it. */

import { type DnsResolver, NoAnswerError } from './dns.ts'
import { type Ip, isInNetwork, readIp } from './ip.ts'

/** RFC 7208, 4.6.4. */
export const MAX_LOOKUPS = 10
export const MAX_VOID_LOOKUPS = 2
const MAX_MX_RECORDS = 10
/** A longer chain is cut off: it has exceeded the limit long before. */
const MAX_WALKED_LOOKUPS = 40

const QUALIFIERS = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' } as const
export type SpfResult = (typeof QUALIFIERS)[keyof typeof QUALIFIERS] | 'none'

interface Term {
  readonly qualifier: keyof typeof QUALIFIERS
  readonly name: string
  /** After the `:` or `=`; empty if there is none. */
  readonly value: string
  /** `/24`, or `/24//64`. */
  readonly prefix: string
}

export interface SpfRecord {
  readonly terms: readonly Term[]
  readonly redirect: string | null
  /** The first invalid term; null if there is none. */
  readonly fault: string | null
}

export const isSpf = (text: string) => /^v=spf1(?: |$)/i.test(text)

const MECHANISM =
  /^([+~?-])?(all|include|a|mx|ptr|ip4|ip6|exists)(?::([^/\s]+(?:\/[^/\s]*)*?))?((?:\/\d{1,3})?(?:\/\/\d{1,3})?)$/i
const MODIFIER = /^([a-z][\w.-]*)=(\S*)$/i
const NEEDS_VALUE = ['include', 'ip4', 'ip6', 'exists']

export function readSpf(text: string): SpfRecord {
  const terms: Term[] = []
  let redirect: string | null = null
  let fault: string | null = null
  for (const part of text.split(/ +/).slice(1).filter(Boolean)) {
    const [, name = '', value = ''] = MODIFIER.exec(part) ?? []
    if (name) {
      if (name.toLowerCase() === 'redirect') redirect = value
      continue
    }
    const term = readTerm(part)
    if (term) terms.push(term)
    else fault ??= part
  }
  return { terms, redirect, fault }
}

function readTerm(part: string): Term | null {
  const [, sign = '+', name = '', value = '', prefix = ''] = MECHANISM.exec(part) ?? []
  const mechanism = name.toLowerCase()
  if (!mechanism || (NEEDS_VALUE.includes(mechanism) && !value)) return null
  if (/^ip[46]$/.test(mechanism) && readIp(value)?.version !== Number(mechanism[2])) return null
  return { qualifier: sign as Term['qualifier'], name: mechanism, value, prefix }
}

/** Outcome of walking a domain's SPF. */
export interface SpfWalk {
  /** Records of the domain itself: there should be exactly one. */
  readonly records: readonly string[]
  readonly lookups: number
  /** Lookups that found nothing. */
  readonly voids: number
  /** Unusable terms, each with its domain. */
  readonly faults: readonly string[]
  /** Domains included at any depth. */
  readonly includes: readonly string[]
  /** What the record says about everybody it does not name; null if nothing. */
  readonly end: SpfResult | null
  /** The domain whose record `end` is from, if a redirect= leads there; else null. */
  readonly redirectedTo: string | null
  /**
   * What it says about the address; null if none was given, or if it depends on the mail itself or
   * on DNS that did not answer.
   */
  readonly result: SpfResult | null
}

interface WalkState {
  readonly names: DnsResolver
  readonly address: Ip | null
  lookups: number
  voids: number
  isOpen: boolean
  readonly faults: string[]
  readonly includes: string[]
}

/** Walks a domain's whole record, past the first match, so that all its lookups are counted. */
export async function walkSpf(
  domain: string,
  names: DnsResolver,
  address: string | null = null,
): Promise<SpfWalk> {
  const state: WalkState = {
    names,
    address: address === null ? null : readIp(address),
    lookups: 0,
    voids: 0,
    isOpen: false,
    faults: [],
    includes: [],
  }
  const records = (await names.txt(domain)).filter(isSpf)
  const [text] = records
  if (text === undefined)
    return { ...state, records, end: null, redirectedTo: null, result: state.address && 'none' }
  const { result, ...ending } = await walk(domain, text, state)
  return {
    ...state,
    records,
    ...ending,
    result: state.address === null || state.isOpen ? null : result,
  }
}

interface WalkResult extends Pick<SpfWalk, 'end' | 'redirectedTo'> {
  readonly result: SpfResult
}

async function walk(domain: string, text: string, state: WalkState): Promise<WalkResult> {
  const { terms, redirect, fault } = readSpf(text)
  if (fault) state.faults.push(`"${fault}" in the record of ${domain}`)
  let result: SpfResult | null = null
  let end: SpfResult | null = null
  for (const term of terms) {
    const matches = await matchesTerm(term, domain, state)
    if (matches) result ??= QUALIFIERS[term.qualifier]
    if (term.name === 'all') end ??= QUALIFIERS[term.qualifier]
  }
  // An `all` in the record disables redirect (RFC 7208, 6.1).
  if (redirect && end === null) {
    const other = await follow(redirect, domain, state)
    return {
      result: result ?? other?.result ?? 'neutral',
      end: other?.end ?? null,
      redirectedTo: other?.redirectedTo ?? redirect,
    }
  }
  return { result: result ?? 'neutral', end, redirectedTo: null }
}

/** Walks the record of another domain; null if it has none, or is not followed further. */
async function follow(other: string, domain: string, state: WalkState): Promise<WalkResult | null> {
  state.lookups += 1
  if (other.includes('%')) {
    state.isOpen = true
    return null
  }
  if (state.lookups > MAX_WALKED_LOOKUPS) return null
  const [text, ...more] = (await state.names.txt(other)).filter(isSpf)
  if (text === undefined || more.length > 0) {
    state.voids += text === undefined ? 1 : 0
    state.faults.push(
      `${other}, which ${domain} refers to, has ${text ? 'several SPF records' : 'no SPF record'}`,
    )
    return null
  }
  return walk(other, text, state)
}

async function matchesTerm(term: Term, domain: string, state: WalkState): Promise<boolean> {
  const { name, value, prefix } = term
  if (name === 'all') return true
  if (name === 'ip4' || name === 'ip6')
    return state.address !== null && isInNetwork(state.address, value + prefix)
  if (name === 'include') {
    state.includes.push(value.toLowerCase())
    return (await follow(value, domain, state))?.result === 'pass'
  }
  state.lookups += 1
  if (name === 'ptr' || name === 'exists' || value.includes('%')) {
    state.isOpen = true
    return false
  }
  if (state.lookups > MAX_WALKED_LOOKUPS) return false
  const hosts = name === 'mx' ? await exchangesOf(value || domain, state) : [value || domain]
  const answers = await Promise.all(hosts.map((host) => addressesOf(host, state)))
  const found = answers.flatMap((answer) => answer ?? [])
  if (name === 'a' && answers[0]?.length === 0) state.voids += 1
  return found.some(
    (address) =>
      state.address !== null && isInNetwork(state.address, address + prefixFor(prefix, address)),
  )
}

async function exchangesOf(domain: string, state: WalkState): Promise<string[]> {
  const exchanges = await state.names.mx(domain)
  if (exchanges.length === 0) state.voids += 1
  if (exchanges.length > MAX_MX_RECORDS)
    state.faults.push(`${domain} has more than ${MAX_MX_RECORDS} MX records`)
  return exchanges.slice(0, MAX_MX_RECORDS).map(({ exchange }) => exchange)
}

/** Null if DNS does not answer: what follows can still be counted. */
const addressesOf = (host: string, state: WalkState) =>
  state.names.addresses(host).catch((thrown: unknown) => {
    if (!(thrown instanceof NoAnswerError)) throw thrown
    state.isOpen = true
    return null
  })

/** Of `/24//64`, the first part is for IPv4 addresses and the second for IPv6. */
function prefixFor(prefix: string, address: string): string {
  const [, v4 = '', v6 = ''] = /^(\/\d+)?(?:\/(\/\d+))?$/.exec(prefix) ?? []
  return readIp(address)?.version === 4 ? v4 : v6
}

/** Returns the record with terms inserted before its end; a new record if there is none. */
export function spfWith(text: string | undefined, additions: readonly string[]): string {
  const parts = text?.split(/ +/).filter(Boolean) ?? ['v=spf1', '~all']
  const end = parts.findIndex((part) => /^([+~?-]?all|redirect=.*)$/i.test(part))
  const place = end < 0 ? parts.length : end
  const terms = [...parts.slice(0, place), ...additions, ...parts.slice(place)]
  return (end < 0 ? [...terms, '~all'] : terms).join(' ')
}
