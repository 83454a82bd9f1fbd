/** One request is begun at a time, and networks take turns: a thousand requests of one client hold up nobody else's. */
import { setImmediate as turn } from 'node:timers/promises'
import type { MiddlewareHandler } from 'hono'
import { networkOf } from './client.ts'

/**
 * Begins one request in each turn of the event loop, so that what does not queue here, /healthz and new connections,
 * comes in between; and one of each network that waits before the next of the same.
 */
export function takingTurns(trustProxy: number): MiddlewareHandler {
  const waiting = new Map<string, (() => void)[]>()
  let isServing = false

  const serve = async () => {
    isServing = true
    for (let next = waiting.entries().next().value; next; next = waiting.entries().next().value) {
      const [network, theirs] = next
      const begin = theirs.shift()
      // Behind all others: a Map keeps the order in which its keys came.
      waiting.delete(network)
      if (theirs.length > 0) waiting.set(network, theirs)
      begin?.()
      await turn()
    }
    isServing = false
  }
  return async (c, next) => {
    const network = networkOf(c, trustProxy)
    await new Promise<void>((begin) => {
      const theirs = waiting.get(network)
      if (theirs) theirs.push(begin)
      else waiting.set(network, [begin])
      if (!isServing) void serve()
    })
    await next()
  }
}
