/**
 * How many requests are handled concurrently, and in which order: a thousand from one client do not
 * delay a single one from another.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { Problem } from '../../domain/problem.ts'
import { networkOf } from './client.ts'

interface RequestLimits {
  /** Of all networks together. */
  readonly all: number
  /** Of one network. */
  readonly each: number
}
export interface ConcurrencyLimits {
  readonly atWork: RequestLimits
  readonly waiting: RequestLimits
}

/**
 * A page takes milliseconds, most of them spent waiting for the database. As many requests may wait
 * as an address may hold connections: a busy network delays only itself, and is refused only if it
 * comes through a proxy.
 */
export const CONCURRENCY_LIMITS: ConcurrencyLimits = {
  atWork: { all: 8, each: 4 },
  waiting: { all: 500, each: 100 },
}

const RETRY_SECONDS = 5

/**
 * Makes requests wait for their turn. One begins per turn of the event loop, so that what does not
 * queue here, /healthz and new connections, is served in between. Responds 503 to those for which
 * there is no room.
 */
export function limitConcurrency(bounds = CONCURRENCY_LIMITS): MiddlewareHandler {
  const take = openFairQueue(bounds)
  return async (c, next) => {
    const done = await take(networkOf(c))
    try {
      if (isClientGone(c)) return c.body(null, 503)
      await next()
    } finally {
      done()
    }
  }
}

/**
 * Returns whether nobody is left to see the page. Requests that change something are always
 * handled.
 */
const isClientGone = ({ env, req }: Context) =>
  ((env ?? {}) as Partial<HttpBindings>).outgoing?.destroyed === true &&
  ['GET', 'HEAD'].includes(req.method)

interface Waiting {
  begin(): void
  refuse(): void
}
interface NetworkQueue {
  readonly waiting: Waiting[]
  atWork: number
}

/**
 * Waits for a turn of `network` and resolves to the function that ends it. Rejects with a Problem
 * if too many are waiting already.
 */
function openFairQueue({
  atWork,
  waiting,
}: ConcurrencyLimits): (network: string) => Promise<() => void> {
  /** A network moves to the end once one of its requests has begun: a Map keeps insertion order. */
  const lines = new Map<string, NetworkQueue>()
  const count = { atWork: 0, waiting: 0 }
  let isServing = false

  const serve = async () => {
    if (isServing) return
    isServing = true
    for (let begin = next(); begin; begin = next()) {
      begin()
      await turn()
    }
    isServing = false
  }
  const next = () => {
    if (count.atWork >= atWork.all) return undefined
    const [network, line] =
      lines.entries().find(([, line]) => line.waiting.length > 0 && line.atWork < atWork.each) ?? []
    if (network === undefined || !line) return undefined
    lines.delete(network)
    lines.set(network, line)
    line.atWork++
    count.atWork++
    count.waiting--
    return line.waiting.shift()?.begin
  }
  const end = (network: string, line: NetworkQueue) => {
    line.atWork--
    count.atWork--
    if (line.atWork === 0 && line.waiting.length === 0) lines.delete(network)
    void serve()
  }
  /**
   * Makes room for a request of `line` if there is none: the last request of the longest line is
   * refused.
   */
  const makeRoom = (line: NetworkQueue) => {
    if (line.waiting.length >= waiting.each) throw busy()
    if (count.waiting < waiting.all) return
    const longest = [...lines.values()].reduce(
      (x, y) => (y.waiting.length > x.waiting.length ? y : x),
      line,
    )
    const last = longest.waiting.length > line.waiting.length + 1 && longest.waiting.pop()
    if (!last) throw busy()
    count.waiting--
    last.refuse()
  }
  return async (network) => {
    const line = lines.get(network) ?? { waiting: [], atWork: 0 }
    makeRoom(line)
    lines.set(network, line)
    count.waiting++
    await new Promise<void>((begin, reject) => {
      line.waiting.push({ begin, refuse: () => reject(busy()) })
      void serve()
    })
    return () => end(network, line)
  }
}

const busy = () => new Problem('unavailable', 'site.busy', { retryAfter: RETRY_SECONDS })
