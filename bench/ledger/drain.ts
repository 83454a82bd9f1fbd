/** A measured morning: the real worker, from due to sent rows, and the cost. */
import { setTimeout as pause } from 'node:timers/promises'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { allSent, migrated, startWorker, stop } from '../dawnpost.ts'
import { ended, type Machines, startSink } from '../machines.ts'
import { seed } from '../seed.ts'
import {
  type Observer,
  observe,
  told,
  type Wal,
  type Written,
  walPlace,
  walSince,
  writes,
  writtenBetween,
} from './database.ts'
import { between, type Processor, peakMb, processor } from './processes.ts'
import { makeRoom } from './shape.ts'

export type Backend = 'redis' | 'postgres'

export interface Morning {
  readonly mails: number
  readonly connections: number
  readonly backend: Backend
}

export interface Drained {
  readonly mails: number
  readonly mailsPerSecond: number
  /** Milliseconds a mail. */
  readonly processor: Processor
  /** Bytes a mail. */
  readonly wal: Wal
  readonly peakMb: number
  readonly written: readonly Written[]
}

/** How long before the due moment planning may begin. */
const BEFORE_MS = 300

/** More than it takes to make a reader due on a quiet machine. */
const MAKING_MS_A_MAIL = 0.3
/** The factor by which that is extended after it has once taken too long. */
let leadFactor = 1
/** How long a worker gets to start: on a busy machine, several times what the last one took. */
let startMs = 8_000

/** Starts a worker and records how long that takes here. */
export async function start(...args: Parameters<typeof startWorker>) {
  const begun = performance.now()
  const worker = await startWorker(...args)
  startMs = Math.max(8_000, 3 * (performance.now() - begun))
  return worker
}

/**
 * Drains a morning in a database with no other people. If the machine is too busy to get ready in
 * time, it is repeated with more time.
 */
export async function drainFresh(machines: Machines, morning: Morning): Promise<Drained> {
  for (;;) {
    await using stack = new AsyncDisposableStack()
    const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) =>
      scratch.drop(),
    )
    await migrated(scratch.url, makeRoom)
    const active = morning.mails
    const drained = await drain(machines, scratch.url, morning, (dueAt) =>
      seed(scratch.url, { active, due: active, dueAt }),
    )
    if (typeof drained === 'object') return drained
  }
}

/**
 * Has `makeDue` make the mails due, and sends them.
 *
 * @returns `late` when that left no time to start a worker, which can be tried again; `begun` when
 * the worker was not up in time and has begun unobserved.
 */
export async function drain(
  machines: Machines,
  databaseUrl: string,
  morning: Morning,
  makeDue: (dueAt: Temporal.Instant) => Promise<unknown>,
): Promise<Drained | 'late' | 'begun'> {
  await using stack = new AsyncDisposableStack()
  const observer = stack.use(await observe(machines, databaseUrl))
  const sink = await startSink(stack, 'none')
  const leadMs = startMs + leadFactor * (2_000 + MAKING_MS_A_MAIL * morning.mails)
  const dueAt = Temporal.Now.instant().add({ milliseconds: Math.round(leadMs) })
  const leftMs = () => dueAt.epochMilliseconds - Date.now()
  await makeDue(dueAt)
  if (leftMs() < startMs) {
    leadFactor *= 2
    return 'late'
  }
  const worker = stack.adopt(
    await start({ ...machines, sinkPort: sink.port }, databaseUrl, morning),
    stop,
  )
  if (leftMs() < BEFORE_MS) {
    await ended(worker, 'SIGKILL')
    return 'begun'
  }
  await pause(leftMs() - BEFORE_MS)
  const before = await look(machines, observer, worker.pid)
  const { at } = await allSent(observer.client, morning.mails, dueAt, [])
  const after = await look(machines, observer, worker.pid)
  const wal = await walSince(observer, before.place)
  const memory = await peakMb(worker.pid)
  await stop(worker)
  await told()
  const { mails } = await sink.taken()
  if (mails !== morning.mails) throw new Error(`${mails} of ${morning.mails} mails were sent`)
  return {
    mails,
    mailsPerSecond: (1_000 * mails) / at,
    processor: between(before.processor, after.processor, mails),
    wal: { bytes: wal.bytes / mails, pages: wal.pages === null ? null : wal.pages / mails },
    peakMb: memory,
    written: writtenBetween(before.writes, await writes(observer)),
  }
}

async function look({ pids }: Machines, observer: Observer, worker: number | undefined) {
  return {
    writes: await writes(observer),
    place: await walPlace(observer),
    processor: await processor(pids, [worker], observer.pid),
  }
}
