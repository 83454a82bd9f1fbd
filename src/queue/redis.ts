/** Connections to a single Redis, to the primary named by Sentinels, or to a Redis Cluster. */
import { setTimeout as pause } from 'node:timers/promises'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { messageOf } from '../domain/problem.ts'
import { SECOND } from '../domain/time.ts'
import { type RedisGroup, readRedisGroup } from '../platform/redis-url.ts'

export interface RedisConnections {
  /** For people; without credentials. */
  readonly name: string
  /** Fails fast, so that a page never hangs on a dead Redis. */
  readonly producer: Redis | Cluster
  /** Waits for Redis to come back. */
  readonly consumer: Redis | Cluster
  /** Makes sure that the producer is connected. Rejects with the cause. */
  connect(): Promise<void>
}

/**
 * Errors of a Redis that has been demoted to a replica; a failover leaves connections to it open.
 */
const DEMOTED = /READONLY|MASTERDOWN/
const RECONNECT = 1
/** Without a pause, hundreds of attempts a second are made until the new primary is up. */
const DEMOTED_RETRY_DELAY_MS = SECOND / 2
/** How long finding a server that answers may take. */
const CONNECT_TIMEOUT_MS = 5 * SECOND

export function openRedis(url: string): RedisConnections {
  const group = readRedisGroup(url)
  const open = (role: Role) => {
    const options = optionsOf(role)
    if (group === null) return new Redis(url, options)
    return group.kind === 'cluster' ? clusterOf(group, role) : primaryOf(group, options)
  }
  const [producer, consumer] = [open('producer'), open('consumer')]
  // ioredis rejects with a generic error; the actual cause is in the event.
  let last: Error | undefined
  for (const connection of [producer, consumer]) {
    connection.on('error', (error) => {
      last = error
    })
  }
  return {
    producer,
    consumer,
    name: nameOf(group, producer),
    connect: async () => {
      if (!['wait', 'end'].includes(producer.status)) return
      const tooLate = pause(CONNECT_TIMEOUT_MS, undefined, { ref: false }).then(() => {
        throw new Error('no answer')
      })
      try {
        await Promise.race([producer.connect(), tooLate])
      } catch (cause) {
        producer.disconnect()
        throw new Error(messageOf(underlyingError(last) ?? cause), { cause })
      }
    },
  }
}

type Role = 'producer' | 'consumer'

function optionsOf(role: Role) {
  let isDemoted = false
  return {
    maxRetriesPerRequest: role === 'producer' ? 1 : null,
    connectTimeout: 3 * SECOND,
    lazyConnect: true,
    reconnectOnError: ({ message }) => {
      isDemoted = DEMOTED.test(message)
      return isDemoted && RECONNECT
    },
    retryStrategy: (times) =>
      isDemoted ? DEMOTED_RETRY_DELAY_MS : Math.min(times * 50, 2 * SECOND),
  } satisfies RedisOptions
}

/** The primary that the Sentinels name; they are asked again each time the connection ends. */
function primaryOf(group: RedisGroup, options: ReturnType<typeof optionsOf>): Redis {
  const { hosts, login, secure, master, db, sentinelLogin } = group
  return new Redis({
    ...options,
    ...login,
    db,
    name: master,
    sentinels: [...hosts],
    ...(sentinelLogin.username && { sentinelUsername: sentinelLogin.username }),
    ...(sentinelLogin.password && { sentinelPassword: sentinelLogin.password }),
    ...(secure && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  })
}

function clusterOf({ hosts, login, secure }: RedisGroup, role: Role): Cluster {
  return new Cluster([...hosts], {
    lazyConnect: true,
    // What a page adds while no node can be reached fails immediately.
    enableOfflineQueue: role === 'consumer',
    clusterRetryStrategy: (times) => Math.min(times * 50, 2 * SECOND),
    redisOptions: {
      ...login,
      connectTimeout: 3 * SECOND,
      maxRetriesPerRequest: role === 'producer' ? 1 : null,
      ...(secure && { tls: {} }),
    },
    // Certificates name the host, not its address.
    ...(secure && { dnsLookup: (host, callback) => callback(null, host) }),
  })
}

function nameOf(group: RedisGroup | null, producer: Redis | Cluster): string {
  if (group === null) {
    const { host, port } = (producer as Redis).options
    return `Redis at ${host}:${port}`
  }
  const hosts = group.hosts.map(({ host, port }) => `${host}:${port}`).join(', ')
  return group.kind === 'cluster'
    ? `Redis Cluster at ${hosts}`
    : `Redis "${group.master}" of Sentinel at ${hosts}`
}

/** A cluster that cannot be reached keeps the error of its last node. */
const underlyingError = (error: (Error & { lastNodeError?: Error }) | undefined) =>
  error?.lastNodeError ?? error
