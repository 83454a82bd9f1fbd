/** Dawnpost as a contestant: the real `dawnpost worker`, from due to sent rows in PostgreSQL. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { migrate } from '../src/store/postgres/migrate.ts'
import { createScratch } from '../src/store/postgres/scratch.ts'
import { type Db, openDatabase } from '../src/store/postgres/sql.ts'
import { DAY, ROOT } from './lesson.ts'
import { ended, type Machines } from './machines.ts'
import { seed } from './seed.ts'

export interface Run {
  readonly mails: number
  readonly backend: 'redis' | 'postgres'
  readonly workers: number
  /** Connections a worker may open; ten by default. */
  readonly connections?: number
  /** Settings of the SMTP address, such as a DKIM key. */
  readonly smtpSettings?: string
  /** From seeding to falling due; longer if the workers are to be up and idle by then. */
  readonly leadMs?: number
}

export interface Outcome {
  readonly mailsPerSecond: number
  readonly worstRssMb: number
  /** Milliseconds from due to accepted, of each mail, ascending. */
  readonly delays: readonly number[]
}

/** Enough for the seeding itself. */
const LEAD_MS = 1_500

export async function runDawnpost(machines: Machines, run: Run): Promise<Outcome> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) =>
    scratch.drop(),
  )
  await migrated(scratch.url)
  const workers = await Promise.all(
    Array.from({ length: run.workers }, async () =>
      stack.adopt(await startWorker(machines, scratch.url, run), stop),
    ),
  )
  const dueAt = Temporal.Now.instant().add({
    milliseconds: (run.leadMs ?? LEAD_MS) + Math.ceil(run.mails / 4),
  })
  await seed(scratch.url, { active: run.mails, due: run.mails, dueAt })
  const client = new pg.Client(scratch.url)
  await client.connect()
  stack.defer(() => client.end())
  const { at, worstRssMb } = await allSent(client, run.mails, dueAt, workers)
  const { rows } = await client.query<{ ms: number }>(
    `select extract(epoch from sent_at - $1)::float8 * 1000 as ms from deliveries
     where status = 'sent' and day >= $2 order by 1`,
    [String(dueAt), DAY],
  )
  if (rows.length !== run.mails)
    throw new Error(`only ${rows.length} of ${run.mails} mails were sent`)
  return { mailsPerSecond: (1_000 * run.mails) / at, worstRssMb, delays: rows.map(({ ms }) => ms) }
}

/** Migrates an empty database to the program's version; `and` adds more to it. */
export async function migrated(
  databaseUrl: string,
  and: (db: Db) => Promise<void> = async () => {},
): Promise<void> {
  const database = await openDatabase(databaseUrl, () => {})
  await migrate(database.db)
  await and(database.db)
  await database.close()
}

/** As in package.json and the shebang of src/bin.mjs. */
export const HEAP = ['--max-semi-space-size=8', '--heap-growing-percent=10']
export const ARENAS = { MALLOC_ARENA_MAX: '1' }

/** Starts `dawnpost worker`; resolves when it is up. */
export async function startWorker(
  machines: Pick<Machines, 'redisUrl' | 'sinkPort' | 'folder'>,
  databaseUrl: string,
  run: Pick<Run, 'backend' | 'connections' | 'smtpSettings'>,
): Promise<ChildProcess> {
  const worker = spawn(process.execPath, [...HEAP, join(ROOT, 'src/bin.mjs'), 'worker'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      ...ARENAS,
      // So that it does not outlive us.
      DAWNPOST_PARENT: String(process.pid),
      DATABASE_URL: databaseUrl,
      ...(run.backend === 'redis' && { REDIS_URL: machines.redisUrl }),
      SMTP_URL: `smtp://127.0.0.1:${machines.sinkPort}?connections=${run.connections ?? 10}${run.smtpSettings ?? ''}`,
      DATA_DIR: machines.folder,
      SECRET_KEY: 'a key for the benchmark and for nothing else',
      POSTAL_ADDRESS: '1 Test Lane, Testville',
      PUBLIC_URL: 'https://courses.example',
      LOG_LEVEL: process.env.BENCH_LOG ?? 'warn',
      // To profile the worker.
      ...(process.env.BENCH_NODE_OPTIONS && { NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS }),
    },
  })
  const lines = createInterface(worker.stdout)
  for await (const line of lines) if (line.includes('is up')) break
  if (process.env.BENCH_SHOW) worker.stdout.pipe(process.stderr)
  else worker.stdout.resume()
  return worker
}

/** Asks it to stop and waits for its end. */
export const stop = (worker: ChildProcess): Promise<void> => ended(worker)

/** Each part uses an index and is planned once, so that watching does not affect the result. */
const LEFT = {
  name: 'left',
  text: `select coalesce((select at from due where series = 'inner-wisdom' order by at
    limit 1) <= $1, false)
    or exists (select from deliveries where status in ('planned', 'retry', 'unknown')
    and try_at < until)
    or exists (select from deliveries where status = 'sending') as left`,
}

/** Waits until every mail is recorded as sent; returns the milliseconds since they were due. */
export async function allSent(
  client: pg.Client,
  mails: number,
  dueAt: Temporal.Instant,
  workers: readonly ChildProcess[],
) {
  let worstRssMb = 0
  const giveUpAt = dueAt.epochMilliseconds + 600_000
  for (;;) {
    const { rows } = await client.query<{ left: boolean }>({ ...LEFT, values: [String(dueAt)] })
    const at = Temporal.Now.instant().epochMilliseconds - dueAt.epochMilliseconds
    for (const { pid } of workers) worstRssMb = Math.max(worstRssMb, await rssMb(pid))
    if (at > 0 && !rows[0]?.left) return { at, worstRssMb }
    if (Date.now() > giveUpAt) throw new Error(`${mails} mails were not sent in ten minutes`)
    await pause(50)
  }
}

async function rssMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024)
}
