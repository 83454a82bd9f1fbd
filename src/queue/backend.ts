/** Redis or PostgreSQL: the only file that knows which. */
import { createPostgresBackend, type Job, Queue, Worker, withBackend } from 'bullmq'
import { Redis } from 'ioredis'
import { messageOf, Problem } from '../domain/problem.ts'

export interface BackendSettings {
  /** `null`: PostgreSQL, on the database below. */
  readonly redisUrl: string | null
  readonly databaseUrl: string
  /** Keeps the queues of several installations on one Redis apart. */
  readonly prefix?: string
  /** How long a job stays with a worker that shows no sign of life, before another takes it up. */
  readonly lockMs?: number
}

/** BullMQ's own measure. */
const LOCK_MS = 30_000
const locksOf = ({ lockMs = LOCK_MS }: BackendSettings) => ({ lockDuration: lockMs, stalledInterval: lockMs })

export interface Backend {
  readonly name: string
  queue<T>(name: string): Queue<T>
  worker<T>(name: string, concurrency: number, process: (job: Job<T>) => Promise<void>): Worker<T>
  /** Proves that it takes writes. Rejects when it does not: read-only, full, away. */
  prove(): Promise<void>
  close(): Promise<void>
}

export const backendFor = (settings: BackendSettings): Promise<Backend> =>
  settings.redisUrl === null ? postgresBackend(settings) : redisBackend(settings.redisUrl, settings)

async function redisBackend(url: string, settings: BackendSettings): Promise<Backend> {
  const { prefix = 'dawnpost' } = settings
  // A producer fails soon, so that a page never hangs on a dead Redis; a worker waits for it to come back.
  const producer = new Redis(url, { maxRetriesPerRequest: 1, connectTimeout: 3_000, lazyConnect: true })
  const consumer = producer.duplicate({ maxRetriesPerRequest: null })
  // ioredis rejects with a general word; what happened is in the event.
  let last: Error | undefined
  for (const connection of [producer, consumer]) {
    connection.on('error', (error) => {
      last = error
    })
  }
  try {
    await producer.connect()
  } catch (cause) {
    producer.disconnect()
    const { host, port } = producer.options
    throw new Problem(
      'unavailable',
      `Redis at ${host}:${port} cannot be reached: ${messageOf(last ?? cause)}.`,
      {
        cause,
      },
    )
  }
  return {
    name: `BullMQ on Redis, ${producer.options.host}:${producer.options.port}`,
    queue: (name) => new Queue(name, { connection: producer, prefix }),
    worker: (name, concurrency, process) =>
      new Worker(name, process, { connection: consumer, prefix, concurrency, ...locksOf(settings) }),
    prove: async () => {
      await producer.set(`${prefix}:written`, 'yes', 'EX', 60)
    },
    close: async () => {
      producer.disconnect()
      consumer.disconnect()
    },
  }
}

async function postgresBackend(settings: BackendSettings): Promise<Backend> {
  const classes = withBackend(createPostgresBackend)
  const connection = { connectionString: settings.databaseUrl, max: 4, migrate: true }
  return {
    name: 'BullMQ on the same PostgreSQL',
    queue: <T>(name: string) => new classes.Queue<T>(name, { connection }) as unknown as Queue<T>,
    worker: <T>(name: string, concurrency: number, process: (job: Job<T>) => Promise<void>) =>
      new classes.Worker<T>(name, process as never, {
        connection,
        concurrency,
        ...locksOf(settings),
      }) as unknown as Worker<T>,
    // It is the database, which is proven by itself.
    prove: async () => {},
    close: async () => {},
  }
}
