/**
 * Restricts the host names under which pages that show all mail without a login answer. A malicious
 * page can point its own name at our address (DNS rebinding) and read everything in the browser of
 * somebody on this machine, but `Host` still carries the attacker's name.
 */
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { Problem } from '../../domain/problem.ts'

const LOCAL = ['localhost', '127.0.0.1', '[::1]']

/** Addresses that stand for all of a machine's interfaces, and so name none. */
const ALL = ['0.0.0.0', '[::]']

/**
 * Answers 421 (RFC 9110, 15.5.20) unless a request names this machine, the address it came in on,
 * or one of `names`.
 */
export function allowHosts(names: readonly string[]): MiddlewareHandler {
  const known = new Set(
    [...LOCAL, ...names.map(normalizedHost)].filter((name) => !ALL.includes(name)),
  )
  return async (c, next) => {
    const stranger = namesIn(c).find((name) => !known.has(name) && name !== ownAddress(c))
    if (stranger === undefined) return next()
    const name = stranger.slice(0, 100)
    throw new Problem('misdirected', 'site.strange-host', { params: { name } })
  }
}

/** Returns whether a request names this machine, which one from a malicious page cannot. */
export const namesThisMachine = (c: Context) => namesIn(c).every((name) => LOCAL.includes(name))

/**
 * A request target in absolute form carries a name in addition to `Host` (RFC 9112, 3.2.2): both
 * are checked.
 */
const namesIn = (c: Context) =>
  [new URL(c.req.url).host, c.req.header('host') ?? ''].filter(Boolean).map(normalizedHost)

/** Returns the name without its port, normalized as in URLs. */
function normalizedHost(host: string): string {
  const url = URL.parse(`http://${host}`) ?? URL.parse(`http://[${host}]`)
  return (url?.hostname ?? host).replace(/\.$/, '')
}

/**
 * Returns this machine's address that the connection came in on. Names can be rebound; an address
 * cannot.
 */
function ownAddress(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  const address = incoming?.socket.localAddress
    ?.replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '')
  return address && normalizedHost(address)
}
