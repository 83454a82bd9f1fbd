/** Where a scenario plays: its own database, people who are due, workers, recorder and clock. */

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type App, openApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/platform/config.ts'
import { MESSAGE_ID } from '../../src/store/message-id.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { DAY as FIRST_DAY } from '../lesson.ts'
import { seed } from '../seed.ts'
import type { ClockMove, Entry, Evidence, Leave, Loss, Policy } from './count.ts'
import { type Fleet, openFleet } from './fleet.ts'
import { openRecorder, type Recorder } from './recorder.ts'
import type { Servers } from './servers.ts'

export const BACKENDS = ['redis', 'postgres'] as const
export type Backend = (typeof BACKENDS)[number]

export interface Terms {
  readonly backend: Backend
  readonly policy: Policy
  readonly workers: number
  readonly due: number
  /** SMTP servers of each worker. */
  readonly smtpServers: number
  readonly paceMs: number
  readonly limitMs: number
}

export interface Stage extends AsyncDisposable {
  readonly terms: Terms
  /** The program in this process, not a worker. */
  readonly app: App
  readonly recorder: Recorder
  readonly fleet: Fleet
  readonly servers: Servers
  readonly losses: Loss[]
  readonly leftAt: Map<string, Leave>
  readonly violations: string[]
  /** Remarks that break no promise. */
  readonly notes: string[]
  /** Mails that the recorder accepts without an answer. */
  cuts: number
  now(): Temporal.Instant
  /** Moves the clock of all processes, even back, which the program itself cannot do. */
  setClock(to: Temporal.Instant): Promise<void>
  /** Opens another instance of the program. */
  another(): Promise<App>
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Waits for a condition, also through a short outage of the database. */
  until(what: string, condition: () => Promise<boolean> | boolean): Promise<void>
  pause(ms: number): Promise<void>
  evidence(): Promise<Evidence>
}

/** Of one worker to all its SMTP servers. */
export const CONNECTIONS = 10
export const LEASE_SECONDS = 5
/**
 * A Friday at 09:00 in New York, where clocks go forward on Sunday, so three days later the offset
 * differs.
 */
export const DUE_AT = Temporal.Instant.from('2027-03-12T14:00:00Z')
export const ZONE = 'America/New_York'
export const TIME = '09:00'

/** Opens the stage some minutes before the lessons fall due, with all workers up. */
export async function openStage(servers: Servers, terms: Terms, stop: AbortSignal): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(servers.databaseUrl), (scratch) => scratch.drop())
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'dawnpost-recorder-')), (path) =>
    rm(path, { recursive: true, force: true }),
  )
  const pool = stack.adopt(new pg.Pool({ connectionString: scratch.url, max: 4 }), (pool) =>
    pool.end(),
  )
  // Some scenarios crash the database, even while connections are in use.
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}))
  const query = async <Row>(text: string, values: readonly unknown[] = []) =>
    (await pool.query(text, [...values])).rows as Row[]

  const clock: ClockMove[] = []
  const now = () => Temporal.Now.instant().add({ milliseconds: clock.at(-1)?.aheadMs ?? 0 })
  const setClock = async (to: Temporal.Instant) => {
    const aheadMs = to.epochMilliseconds - Date.now()
    clock.push({ at: Date.now(), aheadMs })
    await query('update sandbox_clock set ahead_ms = $1', [aheadMs])
  }
  await migrateOnce(scratch.url)
  await setClock(DUE_AT.subtract({ minutes: 10 }))
  await seed(scratch.url, { active: terms.due, due: terms.due, dueAt: DUE_AT })

  const settings = {
    DATABASE_URL: scratch.url,
    ...(terms.backend === 'redis' && { REDIS_URL: servers.redisUrl }),
    UNKNOWN_DELIVERIES: terms.policy,
    // The position of the database is recorded there, too.
    DATA_DIR: folder,
    SECRET_KEY: 'a key for these runs and for nothing else',
    POSTAL_ADDRESS: '1 Test Lane, Testville',
    PUBLIC_URL: 'https://courses.example',
    LOG_LEVEL: process.env.CHAOS_LOG ?? 'silent',
  }
  const queuePrefix = `chaos-${randomBytes(6).toString('hex')}`
  const apps = stack.use(new AsyncDisposableStack())
  const another = async () => {
    const movedClock = { now, refresh: async () => {}, moveTo: setClock }
    const app = await openApp(readConfig(settings), {
      clock: movedClock,
      queuePrefix,
      leaseSeconds: LEASE_SECONDS,
    })
    return apps.adopt(app, (app) => app.close())
  }
  const app = await another()
  const file = join(folder, 'accepted.jsonl')
  const recorder = stack.use(
    await openRecorder({
      workers: terms.workers,
      servers: terms.smtpServers,
      paceMs: terms.paceMs,
      file,
    }),
  )
  const smtpUrl = (worker: number, server: number) =>
    `smtp://127.0.0.1:${recorder.port({ worker, server })}?connections=${CONNECTIONS / terms.smtpServers}`
  const fleet = stack.use(
    await openFleet(
      terms.workers,
      (worker) => ({
        ...settings,
        SMTP_URL: smtpUrl(worker, 0),
        ...(terms.smtpServers > 1 && { SMTP_URL_2: smtpUrl(worker, 1) }),
        CHAOS_QUEUE_PREFIX: queuePrefix,
        CHAOS_LEASE_SECONDS: String(LEASE_SECONDS),
      }),
      stop,
    ),
  )
  const held = stack.move()
  // Counted from here, since the start of the workers on a busy machine is not their performance.
  const signal = AbortSignal.any([stop, AbortSignal.timeout(terms.limitMs)])
  const stage: Stage = {
    terms,
    app,
    recorder,
    fleet,
    servers,
    now,
    setClock,
    another,
    query,
    losses: [],
    leftAt: new Map(),
    violations: [],
    notes: [],
    cuts: 0,
    pause: (ms) => pause(ms, undefined, { signal }),
    until: async (what, condition) => {
      let fault: unknown
      const holds = async () => {
        try {
          return await condition()
        } catch (error) {
          fault = error
          return false
        }
      }
      while (!(await holds())) {
        if (signal.aborted)
          throw new Error(`waited in vain for ${what}`, { cause: fault ?? signal.reason })
        await pause(20, undefined, { signal }).catch(() => {})
      }
    },
    evidence: async () => ({
      policy: terms.policy,
      ...(await readLedger(query)),
      firstDay: FIRST_DAY,
      time: TIME,
      zone: ZONE,
      clock,
      connections: CONNECTIONS,
      heldUpMs: recorder.heldUpMs(),
      accepted: recorder.accepted(),
      leftAt: stage.leftAt,
      losses: stage.losses,
      cuts: stage.cuts,
    }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
  return stage
}

async function migrateOnce(url: string): Promise<void> {
  const database = await openDatabase(url, () => {})
  await migrate(database.db)
  await database.close()
}

async function readLedger(
  query: Stage['query'],
): Promise<Pick<Evidence, 'people' | 'nextDay' | 'ledger'>> {
  const people = await query<{ address: string; next: number }>(
    `select s.address, 1 + max(d.day) as next from subscribers s
      join enrollments e on e.subscriber_id = s.id join deliveries d on d.enrollment_id = e.id
     group by s.address`,
  )
  const ledger = await query<Entry>(
    `select s.address, d.day, d.status, d.reason, d.attempts, d.resends,
      ${MESSAGE_ID} as "messageId"
     from deliveries d join enrollments e on e.id = d.enrollment_id
     join subscribers s on s.id = e.subscriber_id where d.kind = 'lesson' and d.day >= ${FIRST_DAY}
     order by d.id`,
  )
  return {
    people: people.map(({ address }) => address),
    nextDay: new Map(people.map(({ address, next }) => [address, next])),
    ledger,
  }
}
