/** The queue's backend, Redis or PostgreSQL; no other file knows which. */
import { createPostgresBackend, type Job, Queue, Worker, withBackend } from 'bullmq'
import { messageOf, Problem } from '../domain/problem.ts'
import type { Key } from '../locales/locale.ts'
import { connectionFor } from '../platform/database-url.ts'
import { openRedis } from './redis.ts'

export interface BackendSettings {
  /** Null selects PostgreSQL, on the database below. */
  readonly redisUrl: string | null
  readonly databaseUrl: string
  /** Schema of the queue's tables on PostgreSQL. */
  readonly schema?: string
  /** Keeps the queues of several installations on one Redis apart. */
  readonly prefix: string
  /** Milliseconds after which a job goes to another worker if its own has given no sign of life. */
  readonly lockMs?: number
}

/** As long as a worker's lease in the ledger, so that a killed worker is missed by both. */
const LOCK_MS = 10_000
const lockOptions = ({ lockMs = LOCK_MS }: BackendSettings) => ({
  lockDuration: lockMs,
  stalledInterval: lockMs / 2,
})

export interface Backend {
  readonly name: string
  /**
   * Opens the queue of this name. Throws a Problem if the server does not answer or lacks what a
   * queue needs.
   */
  queue<T>(name: string): Promise<Queue<T>>
  worker<T>(name: string, concurrency: number, process: (job: Job<T>) => Promise<void>): Worker<T>
  /** Checks that the backend accepts writes. Rejects if it is read-only, full or unreachable. */
  checkWritable(): Promise<void>
  /**
   * Single-line notes kept alongside the queue for 90 days; null where they would be in the
   * database itself.
   */
  readonly notes: Notes | null
  close(): Promise<void>
}

export interface Notes {
  read(name: string): Promise<string | null>
  write(name: string, text: string): Promise<void>
}

const NOTE_SECONDS = 90 * 86_400

export const backendFor = (settings: BackendSettings): Backend =>
  settings.redisUrl === null ? postgresBackend(settings) : redisBackend(settings.redisUrl, settings)

function redisBackend(url: string, settings: BackendSettings): Backend {
  const { prefix } = settings
  const { name, producer, consumer, connect } = openRedis(url)
  return {
    name: `BullMQ on ${name}`,
    queue: async (queue) => {
      try {
        await connect()
      } catch (cause) {
        throw new Problem('unavailable', 'operator.queue.redis-unreachable', {
          params: { name, cause: messageOf(cause) },
          cause,
        })
      }
      return new Queue(queue, { connection: producer, prefix })
    },
    worker: (name, concurrency, process) =>
      new Worker(name, process, {
        connection: consumer,
        prefix,
        concurrency,
        ...lockOptions(settings),
      }),
    checkWritable: async () => {
      await producer.set(`${prefix}:written`, 'yes', 'EX', 60)
    },
    notes: {
      read: (name) => producer.get(name),
      write: async (name, text) => void (await producer.set(name, text, 'EX', NOTE_SECONDS)),
    },
    close: async () => {
      producer.disconnect()
      consumer.disconnect()
    },
  }
}

function postgresBackend(settings: BackendSettings): Backend {
  const classes = withBackend(createPostgresBackend)
  const { databaseUrl, schema = 'bullmq' } = settings
  const connection = { ...connectionFor(databaseUrl), schema, max: 4, migrate: true }
  return {
    name: 'BullMQ on the same PostgreSQL',
    queue: async <T>(name: string) => {
      const queue = new classes.Queue<T>(name, { connection })
      // The caller gets the error from the rejected promise; an 'error' event without a listener
      // would end the process.
      queue.on('error', () => {})
      try {
        await queue.waitUntilReady()
        // Behind a pooler its tables may exist and still not be found.
        await queue.getJobCounts('waiting')
      } catch (cause) {
        await queue.close().catch(() => {})
        throw new Problem('unavailable', openFailureKey(cause), {
          params: { cause: messageOf(cause) },
          cause,
        })
      }
      return queue as unknown as Queue<T>
    },
    worker: <T>(name: string, concurrency: number, process: (job: Job<T>) => Promise<void>) =>
      new classes.Worker<T>(name, process as never, {
        connection,
        concurrency,
        ...lockOptions(settings),
      }) as unknown as Worker<T>,
    // The queue is in the database, which has its own write check.
    checkWritable: async () => {},
    notes: null,
    close: async () => {},
  }
}

/** Returns the message for this SQLSTATE: what is missing, and what to do about it. */
function openFailureKey(thrown: unknown): Key {
  const { code } = (thrown ?? {}) as { code?: unknown }
  if (code === '42501') return 'operator.queue.not-opened-schema'
  // Undefined function, table or schema: `search_path` was not applied. 08P01: the startup options
  // were rejected.
  if (
    ['08P01', '42883', '42P01', '3F000'].includes(String(code)) ||
    /startup parameter/.test(messageOf(thrown))
  ) {
    return 'operator.queue.not-opened-pooler'
  }
  return 'operator.queue.not-opened'
}
