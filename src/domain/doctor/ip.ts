/**
 * IP addresses as numbers: which are public, which network they are in, their reverse DNS names.
 */

export interface Ip {
  readonly version: 4 | 6
  readonly bits: bigint
}

export function readIp(text: string): Ip | null {
  const v4 = readV4(text)
  if (v4 !== null) return { version: 4, bits: v4 }
  const v6 = readV6(text)
  if (v6 === null) return null
  // An IPv4-mapped IPv6 address is that IPv4 address.
  return v6 >> 32n === 0xffffn ? { version: 4, bits: v6 & 0xffffffffn } : { version: 6, bits: v6 }
}

function readV4(text: string): bigint | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null
  const parts = text.split('.').map(Number)
  return parts.every((part) => part < 256)
    ? parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
    : null
}

function readV6(text: string): bigint | null {
  if (!/^[0-9a-f:.]{2,45}$/i.test(text)) return null
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const v4 = tail?.[2] ? readV4(tail[2]) : null
  if (tail && v4 === null) return null
  const plain =
    v4 === null ? text : `${tail?.[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`
  const halves = plain.split('::')
  if (halves.length > 2) return null
  const [head = [], end = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - end.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null
  const groups = [...head, ...Array<string>(missing).fill('0'), ...end]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

const widthOf = ({ version }: Ip) => (version === 4 ? 32 : 128)

/** Whether an address is in `network/prefix`; without a prefix it must be that address. */
export function isInNetwork(address: Ip, network: string): boolean {
  const [text = '', prefix] = network.split('/')
  const base = readIp(text)
  if (base?.version !== address.version) return false
  const length = prefix === undefined ? widthOf(address) : Number(prefix)
  if (!(length >= 0 && length <= widthOf(address))) return false
  const shift = BigInt(widthOf(address) - length)
  return base.bits >> shift === address.bits >> shift
}

/** Networks that cannot be reached from outside (RFC 6890 and its like), except documentation's. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
  '::/127',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
]

export function isPublic(text: string): boolean {
  const address = readIp(text)
  return address !== null && !NOT_PUBLIC.some((network) => isInNetwork(address, network))
}

/** Whether two texts are the same address. */
export function isSameAddress(address: string, other: string): boolean {
  const [a, b] = [readIp(address), readIp(other)]
  return a !== null && b !== null && a.version === b.version && a.bits === b.bits
}

/**
 * Returns its parts from last to first, as in names below in-addr.arpa and in blocklists; null if
 * it is not an address.
 */
export function reversedAddress(text: string): string | null {
  const address = readIp(text)
  if (!address) return null
  const [step, count] = address.version === 4 ? [8n, 4] : [4n, 32]
  const mask = (1n << step) - 1n
  const parts = Array.from(
    { length: count },
    (_, at) => (address.bits >> (step * BigInt(at))) & mask,
  )
  return parts.map((part) => part.toString(address.version === 4 ? 10 : 16)).join('.')
}

/** Returns the name that holds the PTR record of an address. */
export const reverseName = (text: string) =>
  `${reversedAddress(text)}.${readIp(text)?.version === 4 ? 'in-addr' : 'ip6'}.arpa`
