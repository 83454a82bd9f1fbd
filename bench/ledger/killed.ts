/** A worker is killed during a morning: how many mails arrive twice, and when the rest does. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { allSent, migrated, startWorker, stop } from '../dawnpost.ts'
import { ended, type Machines, startSink } from '../machines.ts'
import { seed } from '../seed.ts'
import type { Backend } from './drain.ts'

export interface Killed {
  readonly backend: Backend
  readonly mails: number
  readonly connections: number
  /** Mails that were accepted twice. */
  readonly twice: number
  /** Readers whose mail was never accepted. */
  readonly lost: number
  /** Seconds from the kill until everything due had been sent. */
  readonly seconds: number
  /** The part of them until the replacement worker was up. */
  readonly startSeconds: number
}

/** The share of the mails sent when the worker is killed. */
const SHARE = 0.4

/**
 * With default leases. The worker is killed and another one started at once, as by a supervisor.
 */
export async function kill(
  machines: Machines,
  backend: Backend,
  { mails, connections }: { mails: number; connections: number },
): Promise<Killed> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) =>
    scratch.drop(),
  )
  await migrated(scratch.url)
  const sink = await startSink(stack, 'reader')
  const dueAt = Temporal.Now.instant()
  await seed(scratch.url, { active: mails, due: mails, dueAt })
  const start = () =>
    startWorker({ ...machines, sinkPort: sink.port }, scratch.url, { backend, connections })
  const first = stack.adopt(await start(), stop)
  while ((await sink.taken()).mails < SHARE * mails) await pause(5)
  await ended(first, 'SIGKILL')
  const died = performance.now()
  const since = () => (performance.now() - died) / 1_000
  stack.adopt(await start(), stop)
  const startSeconds = since()
  const client = new pg.Client(scratch.url)
  await client.connect()
  stack.defer(() => client.end())
  await allSent(client, mails, Temporal.Now.instant(), [])
  const seconds = since()
  const taken = await sink.taken()
  return {
    backend,
    mails,
    connections,
    twice: taken.mails - taken.people,
    lost: mails - taken.people,
    seconds,
    startSeconds,
  }
}
