import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context, MiddlewareHandler } from 'hono'
import { NOTICES } from '../../domain/notices.ts'
import { english } from '../../locales/locale.ts'
import { networkAround } from '../../platform/network.ts'
import type { WebSite } from './site.ts'

/** Headers that proxies add (RFC 7239 and its predecessor). */
const FORWARDED = ['x-forwarded-for', 'forwarded']

declare module 'hono' {
  interface ContextVariableMap {
    network: string
  }
}

/**
 * Returns the network that a request comes from, as much of the address as limits and proof of work
 * need: /24 of IPv4, /64 of IPv6 (standards.md H1, I4).
 */
export const networkOf = (c: Context): string => c.get('network')

/**
 * Determines the network of each request. Of X-Forwarded-For, only the part that `trustProxy`
 * trusted proxies added counts.
 */
export const detectNetwork =
  (trustProxy: number): MiddlewareHandler =>
  async (c, next) => {
    const forwarded = (c.req.header('x-forwarded-for') ?? '').split(',').map((part) => part.trim())
    const address = (trustProxy > 0 ? forwarded.at(-trustProxy) : undefined) || socketAddress(c)
    c.set('network', networkAround(address))
    await next()
  }

type Noticing = Pick<WebSite, 'log' | 'config'> & {
  readonly operator: Pick<WebSite['operator'], 'notice' | 'settleNotice'>
}

/**
 * Reports once, in the log and for `status`, if requests come through a proxy and none is trusted:
 * all its visitors would share one limit. A server that trusts one withdraws the notice.
 */
export function detectUntrustedProxies({
  log,
  config,
  operator: { notice, settleNotice },
}: Noticing): MiddlewareHandler {
  let noticed = config.http.trustProxy > 0
  const failed = (error: unknown) => log.debug({ err: error }, 'a notice could not be written')
  if (noticed) settleNotice('untrusted-proxy').catch(failed)
  return async (c, next) => {
    if (!noticed && FORWARDED.some((name) => c.req.header(name) !== undefined)) {
      noticed = true
      log.warn(english.t(NOTICES['untrusted-proxy']))
      notice('untrusted-proxy').catch(failed)
    }
    await next()
  }
}

function socketAddress(c: Context): string {
  try {
    return getConnInfo(c).remote.address ?? ''
  } catch {
    return '' // a request that did not come over a socket, as in tests
  }
}
