/** Networks: the limits on strangers are counted per network. */
import { isIP } from 'node:net'

/** Longer than any IPv6 address with brackets, a zone and a port. */
const MAX_ADDRESS_LENGTH = 100

/**
 * Returns the network of an address at the size that limits use: /24 for IPv4, /64 for IPv6
 * (standards.md H1, I4). `text` may carry a port, as some proxies write it: 192.0.2.1:4711,
 * [2001:db8::1]:4711.
 */
export function networkAround(text: string): string {
  if (text.length > MAX_ADDRESS_LENGTH) return 'unknown'
  const bare = text.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
  const address = bare.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (isIP(address) === 4) return address.replace(/\d+$/, '0/24')
  if (isIP(address) !== 6) return 'unknown'
  // URL normalizes the spelling (RFC 5952): 2001:DB8:0::1 and 2001:db8::1 are the same.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const front = head.split(':').filter(Boolean)
  const back = tail.split(':').filter(Boolean)
  const zeros = Array<string>(8 - front.length - back.length).fill('0')
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`
}
