/**
 * Under which names pages answer that show all mail without a login. A page of a stranger can give
 * its own name our address (DNS rebinding) and read what it likes in the browser of somebody on
 * this machine; the name in `Host` stays the stranger's.
 */
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { Problem } from '../../domain/problem.ts'

const LOCAL = ['localhost', '127.0.0.1', '[::1]']

/** Addresses that stand for all of a machine's: a name for none of them. */
const ALL = ['0.0.0.0', '[::]']

/**
 * Answers 421 (RFC 9110, 15.5.20) unless a request names this machine, the address it came in on,
 * or one of `names`.
 */
export function onlyFor(names: readonly string[]): MiddlewareHandler {
  const known = new Set([...LOCAL, ...names.map(spelled)].filter((name) => !ALL.includes(name)))
  return async (c, next) => {
    const stranger = namesIn(c).find((name) => !known.has(name) && name !== ownAddress(c))
    if (stranger === undefined) return next()
    const name = stranger.slice(0, 100)
    throw new Problem('misdirected', 'site.strange-host', { params: { name } })
  }
}

/** Whether a request names this machine, as one from a page of a stranger cannot. */
export const namesThisMachine = (c: Context) => namesIn(c).every((name) => LOCAL.includes(name))

/**
 * A target in absolute form has a name of its own beside the one in `Host` (RFC 9112, 3.2.2): both
 * count.
 */
const namesIn = (c: Context) =>
  [new URL(c.req.url).host, c.req.header('host') ?? ''].filter(Boolean).map(spelled)

/** The name without its port, in the one spelling that URLs have. */
function spelled(host: string): string {
  const url = URL.parse(`http://${host}`) ?? URL.parse(`http://[${host}]`)
  return (url?.hostname ?? host).replace(/\.$/, '')
}

/**
 * The address of this machine that a connection came in on. An address cannot be rebound; names
 * can.
 */
function ownAddress(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  const address = incoming?.socket.localAddress
    ?.replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '')
  return address && spelled(address)
}
