/** What strangers may ask of the listener: so much at a time, and so much a minute. */
import { BlockList, isIPv6, type Socket } from 'node:net'
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { networkAround } from '../../platform/network.ts'

export interface Limits {
  /** Connections at a time: of all, and of one network. */
  readonly connections: number
  readonly connectionsEach: number
  /** Connections and mails a minute, of one network and of all. */
  readonly eachPerMinute: number
  readonly allPerMinute: number
  /** A client that says nothing for so long is sent away; and a connection ends after so long. */
  readonly silenceMs: number
  readonly longestMs: number
  /** Recipients of one connection that are not ours, before it is sent away. */
  readonly strangers: number
}

export const LIMITS: Limits = {
  connections: 100,
  connectionsEach: 20,
  eachPerMinute: 600,
  allPerMinute: 30_000,
  silenceMs: MINUTE,
  longestMs: 10 * MINUTE,
  strangers: 5,
}

export interface Caps {
  /** Counts a connection until it closes. */
  opened(socket: Socket): void
  /** What to say to a connection that is too much; null: it may stay. */
  connection(address: string | undefined): Promise<Error | null>
  /** The same of a mail. */
  mail(address: string | undefined): Promise<Error | null>
}

/**
 * This machine itself, where a mail server brings what has come to it from everywhere. Other
 * private addresses are not: behind a container's network the whole world may have one.
 */
const SELF = new BlockList()
SELF.addSubnet('127.0.0.0', 8)
SELF.addAddress('::1', 'ipv6')

export function openCaps({
  connectionsEach,
  eachPerMinute,
  allPerMinute,
  longestMs,
}: Pick<Limits, 'connectionsEach' | 'eachPerMinute' | 'allPerMinute' | 'longestMs'>): Caps {
  const open = new Map<string, number>()
  const minute = MINUTE / SECOND
  const each = new RateLimiterMemory({ points: eachPerMinute, duration: minute })
  const all = new RateLimiterMemory({ points: allPerMinute, duration: minute })
  const count = async (address: string | undefined) => {
    try {
      await all.consume('all')
      if (!isSelf(address)) await each.consume(networkAround(address ?? ''))
      return null
    } catch {
      return refusal(421, 'Too much at a time; please try again later')
    }
  }
  return {
    opened: (socket) => {
      const network = networkAround(socket.remoteAddress ?? '')
      open.set(network, (open.get(network) ?? 0) + 1)
      // Whoever sends a byte a minute is not silent, and never done.
      const late = setTimeout(() => socket.destroy(), longestMs).unref()
      socket.once('close', () => {
        clearTimeout(late)
        const left = (open.get(network) ?? 1) - 1
        if (left > 0) open.set(network, left)
        else open.delete(network)
      })
    },
    connection: async (address) => {
      const isTooMany = (open.get(networkAround(address ?? '')) ?? 0) > connectionsEach
      if (isTooMany && !isSelf(address)) return refusal(421, 'Too many connections of your network')
      return count(address)
    },
    mail: count,
  }
}

/** The socket of a path has no address. */
function isSelf(address: string | undefined): boolean {
  if (!address) return true
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return SELF.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4')
}

/** What smtp-server answers with. */
export const refusal = (responseCode: number, words: string) =>
  Object.assign(new Error(words), { responseCode })
