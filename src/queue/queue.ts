/**
 * The queue: chunks of delivery ids, on BullMQ. A job is a hint, the ledger row is the truth; the
 * queue may be lost at any moment and is rebuilt by the sweep. Jobs carry ids and no personal data.
 */
import type { JobsOptions, Queue } from 'bullmq'
import type { Logger } from '../platform/log.ts'
import { type Backend, type BackendSettings, backendFor, type Notes } from './backend.ts'

const NAME = 'deliveries'
/** Ids per job of the morning run. */
const CHUNK = 100
/**
 * BullMQ serves jobs without a priority first, so mails somebody is waiting for overtake the
 * morning run.
 */
const MORNING_PRIORITY = 10

interface Chunk {
  readonly ids: readonly string[]
}

export interface DeliveryQueue {
  /** Name of the backend, for the banner. */
  readonly backend: string
  /** Adds jobs for these deliveries, in the given order. Rejects if the queue cannot be reached. */
  enqueue(ids: readonly string[]): Promise<void>
  /** Starts working on jobs, `concurrency` at a time. */
  work(deliver: Deliver, options: WorkOptions): Promise<RunningWorker>
  /** Counts the jobs that wait or are being worked on. */
  depth(): Promise<number>
  /**
   * Returns when the oldest of them was added, by the clock of the process that added it; null if
   * there is none.
   */
  oldest(): Promise<Temporal.Instant | null>
  /** Checks that the queue accepts writes. Rejects if it does not. */
  checkWritable(): Promise<void>
  /** Notes that outlive the database; null where the queue is part of the database. */
  readonly notes: Notes | null
  /** Removes the queue with everything in it, for throwaway queues. */
  destroy(): Promise<void>
  close(): Promise<void>
}

/** Works on deliveries until `signal` is aborted; resolves with the ids it did not get to. */
export type Deliver = (ids: readonly string[], signal: AbortSignal) => Promise<readonly string[]>

interface WorkOptions {
  readonly concurrency: number
  /** Takes back the ids a stopping worker did not get to, and all ids of a job that failed. */
  readonly giveBack: (ids: readonly string[]) => Promise<void>
}

export interface RunningWorker {
  /** Finishes what is in flight and gives the rest back. */
  close(): Promise<void>
}

export interface OpenOptions {
  /** Opens the queue on first use, for commands that may not need it. */
  readonly whenNeeded?: true | undefined
}

/**
 * Opens the queue and, unless `whenNeeded`, checks that its backend answers: throws a Problem if
 * not.
 */
export async function openQueue(
  settings: BackendSettings,
  log: Logger,
  { whenNeeded }: OpenOptions = {},
): Promise<DeliveryQueue> {
  const backend = backendFor(settings)
  let closed = false
  let opening: Promise<Queue<Chunk>> | undefined
  const open = async () => {
    const queue = await backend.queue<Chunk>(NAME)
    queue.on('error', (error) => {
      // A server may still reset a connection that is closing: not worth a warning.
      if (!closed) log.warn({ err: error }, 'the queue reports an error')
    })
    return queue
  }
  /** A failed attempt is not cached: the next call tries again. */
  const opened = () => {
    opening ??= open().catch((error) => {
      opening = undefined
      throw error
    })
    return opening
  }
  if (!whenNeeded) await opened()
  return {
    backend: backend.name,
    notes: backend.notes,
    enqueue: async (ids) => {
      await (await opened()).addBulk(jobsFor(ids))
    },
    work: (deliver, options) => startWorker(backend, deliver, options, log),
    oldest: async () => oldestOf(await opened()),
    depth: async () => {
      const counts = await (await opened()).getJobCounts(...UNFINISHED_STATES)
      return Object.values(counts).reduce((sum, count) => sum + count, 0)
    },
    checkWritable: async () => {
      await opened()
      await backend.checkWritable()
    },
    destroy: async () => (await opened()).obliterate({ force: true }),
    close: async () => {
      closed = true
      await (await opening)?.close()
      await backend.close()
    },
  }
}

const UNFINISHED_STATES = ['waiting', 'prioritized', 'active', 'delayed'] as const

/**
 * In each waiting state the first job is the oldest, as there are only two priorities and
 * prioritized jobs have a state of their own. Active jobs are all read.
 */
async function oldestOf(queue: Queue<Chunk>): Promise<Temporal.Instant | null> {
  const firsts = await Promise.all(
    UNFINISHED_STATES.map((state) => queue.getJobs([state], 0, state === 'active' ? -1 : 0, true)),
  )
  // A job can finish between reading its id and reading the job.
  const added = firsts.flat().flatMap((job) => (job ? [job.timestamp] : []))
  return added.length === 0 ? null : Temporal.Instant.fromEpochMilliseconds(Math.min(...added))
}

/**
 * A chunk of one id is a mail somebody is waiting for, and goes first; larger ones are the morning
 * run.
 */
function jobsFor(ids: readonly string[]) {
  const opts: JobsOptions = { removeOnComplete: true, removeOnFail: true }
  const chunks = Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, index) =>
    ids.slice(index * CHUNK, (index + 1) * CHUNK),
  )
  return chunks.map((chunk) => ({
    name: NAME,
    data: { ids: chunk },
    opts: chunk.length === 1 ? opts : { ...opts, priority: MORNING_PRIORITY },
  }))
}

async function startWorker(
  backend: Backend,
  deliver: Deliver,
  { concurrency, giveBack }: WorkOptions,
  log: Logger,
): Promise<RunningWorker> {
  const stop = new AbortController()
  const worker = backend.worker<Chunk>(NAME, concurrency, async ({ data: { ids } }) => {
    try {
      await giveBack(await deliver(ids, stop.signal))
    } catch (error) {
      log.error(
        { err: error, deliveries: ids.length },
        'a job failed; the sweep queues its deliveries again',
      )
      await giveBack(ids)
    }
  })
  let closed = false
  worker.on('error', (error) => {
    if (!closed) log.warn({ err: error }, 'the queue reports an error')
  })
  try {
    await worker.waitUntilReady()
  } catch (error) {
    closed = true
    await worker.close()
    throw error
  }
  return {
    close: async () => {
      stop.abort()
      await worker.close()
      closed = true
    },
  }
}
