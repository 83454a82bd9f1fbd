import { isIP } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import type { Logger } from '../log.ts'

/**
 * The network a request comes from, as much of the address as limits and proof need: /24 of IPv4, /64 of
 * IPv6 (standards.md H1, I4). X-Forwarded-For counts only as far as `trustProxy` proxies are ours.
 */
export function networkOf(c: Context, trustProxy: number): string {
  const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((part) => part.trim())
  const address = (trustProxy > 0 ? forwarded.at(-trustProxy) : undefined) || socketAddress(c)
  return network(address.replace(/^::ffff:(?=\d+\.)/i, ''))
}

/** Warns once when requests come through a proxy and none is trusted: all its visitors would share one limit. */
export function noticeProxies(log: Logger, trustProxy: number): MiddlewareHandler {
  let noticed = trustProxy > 0
  return async (c, next) => {
    if (!noticed && c.req.header('x-forwarded-for') !== undefined) {
      noticed = true
      log.warn(
        'requests carry X-Forwarded-For, but TRUST_PROXY is 0: all visitors share the limits of one network; ' +
          'set TRUST_PROXY to the number of your own proxies',
      )
    }
    await next()
  }
}

function socketAddress(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? ''
  } catch {
    return '' // a request that did not come over a socket: a test's
  }
}

function network(address: string): string {
  if (isIP(address) === 4) return address.replace(/\d+$/, '0/24')
  if (isIP(address) !== 6) return 'unknown'
  const [head = '', tail = ''] = address.split('::')
  const front = head.split(':').filter(Boolean)
  const back = tail.split(':').filter(Boolean)
  const zeros = address.includes('::')
    ? Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
    : []
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`
}
