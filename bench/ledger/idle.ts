/** The cost of many readers none of whom is due. */
import { setTimeout as pause } from 'node:timers/promises'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { migrated, startWorker, stop } from '../dawnpost.ts'
import type { Machines } from '../machines.ts'
import { seed } from '../seed.ts'
import { observe } from './database.ts'
import { settle } from './history.ts'
import { between, type Processor, processor } from './processes.ts'

export interface Idle {
  readonly enrollments: number
  readonly seconds: number
  /** Of one core, from 0 to 1. */
  readonly share: Processor
}

/** The one-time work at a worker's start is over by then. */
const START_MS = 15_000

/** With the queue on Redis and one worker, nothing due for a day. */
export async function idle(
  machines: Machines,
  enrollments: number,
  seconds: number,
): Promise<Idle> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) =>
    scratch.drop(),
  )
  await migrated(scratch.url)
  await seed(scratch.url, { active: enrollments, due: 0, dueAt: Temporal.Now.instant() })
  const observer = stack.use(await observe(machines, scratch.url))
  // Otherwise a million new rows are vacuumed and written to disk for minutes.
  await settle(observer)
  const worker = stack.adopt(await startWorker(machines, scratch.url, { backend: 'redis' }), stop)
  await pause(START_MS)
  const look = () => processor(machines.pids, [worker.pid], observer.pid)
  const [begun, before] = [performance.now(), await look()]
  await pause(seconds * 1_000)
  const after = await look()
  const ms = performance.now() - begun
  return { enrollments, seconds, share: between(before, after, ms) }
}
