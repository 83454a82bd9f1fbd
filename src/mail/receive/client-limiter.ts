/** Limits on what strangers may do: concurrent connections, and rates per minute. */
import { BlockList, isIPv6, type Socket } from 'node:net'
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { networkAround } from '../../platform/network.ts'

export interface Limits {
  /** Concurrent connections: in total, and from one network. */
  readonly connections: number
  readonly connectionsEach: number
  /** Connections and mails per minute: from one network, and in total. */
  readonly eachPerMinute: number
  readonly allPerMinute: number
  /** Silence after which a client is disconnected, and how long any connection may last. */
  readonly silenceMs: number
  readonly longestMs: number
  /** Unknown recipients on one connection before it is closed. */
  readonly unknownRecipients: number
}

export const LIMITS: Limits = {
  connections: 100,
  connectionsEach: 20,
  eachPerMinute: 600,
  allPerMinute: 30_000,
  silenceMs: MINUTE,
  longestMs: 10 * MINUTE,
  unknownRecipients: 5,
}

export interface ClientLimiter {
  /** Counts a connection until it closes. */
  opened(socket: Socket): void
  /** Returns the refusal of an excess connection; null if it may stay. */
  connection(address: string | undefined): Promise<Error | null>
  /** The same for a mail. */
  mail(address: string | undefined): Promise<Error | null>
}

/**
 * Loopback addresses, from which a mail server passes on what it received from everywhere. Other
 * private addresses are not exempt: behind a container's network all clients may have one.
 */
const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

export function openClientLimiter({
  connectionsEach,
  eachPerMinute,
  allPerMinute,
  longestMs,
}: Pick<
  Limits,
  'connectionsEach' | 'eachPerMinute' | 'allPerMinute' | 'longestMs'
>): ClientLimiter {
  const open = new Map<string, number>()
  const minute = MINUTE / SECOND
  const each = new RateLimiterMemory({ points: eachPerMinute, duration: minute })
  const all = new RateLimiterMemory({ points: allPerMinute, duration: minute })
  const count = async (address: string | undefined) => {
    try {
      await all.consume('all')
      if (!isLoopback(address)) await each.consume(networkAround(address ?? ''))
      return null
    } catch {
      return replyError(421, 'Too much at a time; please try again later')
    }
  }
  return {
    opened: (socket) => {
      const network = networkAround(socket.remoteAddress ?? '')
      open.set(network, (open.get(network) ?? 0) + 1)
      // A client that sends a byte a minute is never silent, and never done.
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
      if (isTooMany && !isLoopback(address))
        return replyError(421, 'Too many connections of your network')
      return count(address)
    },
    mail: count,
  }
}

/** A Unix socket has no address. */
function isLoopback(address: string | undefined): boolean {
  if (!address) return true
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return LOOPBACK.check(bare, isIPv6(bare) ? 'ipv6' : 'ipv4')
}

/** The error that smtp-server answers with. */
export const replyError = (responseCode: number, words: string) =>
  Object.assign(new Error(words), { responseCode })
