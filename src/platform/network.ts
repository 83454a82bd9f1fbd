/** Networks, which is what limits of strangers are counted by. */
import { isIP } from 'node:net'

/** An IPv6 address with brackets, a zone and a port is shorter. */
const LONGEST = 100

/**
 * The network of an address, as much of it as limits need: /24 of IPv4, /64 of IPv6 (standards.md
 * H1, I4). `text` may carry a port, as some proxies write it: 192.0.2.1:4711, [2001:db8::1]:4711.
 */
export function networkAround(text: string): string {
  if (text.length > LONGEST) return 'unknown'
  const bare = text.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1')
  const address = bare.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (isIP(address) === 4) return address.replace(/\d+$/, '0/24')
  if (isIP(address) !== 6) return 'unknown'
  // URL has one spelling for each address (RFC 5952): 2001:DB8:0::1 and 2001:db8::1 are the same.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const front = head.split(':').filter(Boolean)
  const back = tail.split(':').filter(Boolean)
  const zeros = Array<string>(8 - front.length - back.length).fill('0')
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`
}
