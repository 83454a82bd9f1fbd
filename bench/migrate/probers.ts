/** Clients during a migration: a reader, and a worker of the older version. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { newId } from '../../src/store/postgres/sql.ts'

/** Milliseconds between queries. */
const EVERY_MS = 4
/** Milliseconds between heartbeats of a worker. */
const BEAT_MS = 1_000
/**
 * SQLSTATE of what an old statement meets: undefined_table while the ledger has no name;
 * object_not_in_prerequisite_state once that is a view's.
 */
const REFUSED = ['42P01', '55000']

export interface Waits {
  readonly what: string
  /** Milliseconds of each query that was answered, or refused at once. */
  readonly ms: readonly number[]
  readonly refused: number
  /** From the last answer before a refusal to the first one after it. */
  readonly withoutAnswerMs: number
}

export interface Probers {
  /** When the older version's worker stopped: performance.now(). */
  stoppedAt(): number | null
  /** Ends them; throws any unexpected error. */
  end(): Promise<{ readonly waits: readonly Waits[]; readonly inserted: number }>
}

/** Begins to query; `known` are the migrations of the version at work. */
export async function probe(databaseUrl: string, known: readonly string[]): Promise<Probers> {
  const ending = new AbortController()
  const told = { stoppedAt: null as number | null, inserted: 0 }
  const { readers, enrollment } = await places(databaseUrl)
  const loops = [
    prober(databaseUrl, 'a reader’s mails are read', ending.signal, async (client) => {
      const reader = readers[Math.floor(Math.random() * readers.length)]
      await client.query('select item, status from deliveries where enrollment_id = $1', [reader])
    }),
    prober(databaseUrl, 'a mail is planned, claimed and noted', ending.signal, async (client) => {
      const id = newId(Temporal.Now.instant())
      await client.query('begin')
      await client.query(INSERT, [id, enrollment])
      await client.query(`update deliveries set status = 'sending', attempts = 1 where id = $1`, [
        id,
      ])
      await client.query(`update deliveries set status = 'sent', sent_at = now() where id = $1`, [
        id,
      ])
      await client.query('commit')
      told.inserted += 1
    }),
    prober(databaseUrl, 'an enrollment moves on', ending.signal, async (client) => {
      const reader = readers[Math.floor(Math.random() * readers.length)]
      await client.query(
        `update enrollments set due_at = due_at + interval '1 second' where id = $1`,
        [reader],
      )
    }),
  ]
  const worker = oldWorker(databaseUrl, known, ending.signal, (at) => {
    told.stoppedAt ??= at
  })
  return {
    stoppedAt: () => told.stoppedAt,
    end: async () => {
      ending.abort()
      await worker
      return { waits: await Promise.all(loops), inserted: told.inserted }
    },
  }
}

const INSERT = `insert into deliveries (id, enrollment_id, series, kind, item, local_date, due_at,
    until, try_at, created_at)
  values ($1, $2, 'inner-wisdom', 'again', $1::uuid::text, current_date, now(),
    now() + interval '1 hour', now(), now())`

async function places(databaseUrl: string) {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const { rows } = await client.query<{ id: string }>('select id from enrollments limit 1000')
  await client.end()
  const readers = rows.map(({ id }) => id)
  return { readers, enrollment: readers[0] }
}

async function prober(
  databaseUrl: string,
  what: string,
  signal: AbortSignal,
  ask: (client: pg.Client) => Promise<void>,
): Promise<Waits> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const ms: number[] = []
  let [refused, withoutAnswerMs, answeredAt] = [0, 0, performance.now()]
  let isRefused = false
  while (!signal.aborted) {
    const begun = performance.now()
    const answered = await ask(client).then(
      () => true,
      async (error) => {
        await client.query('rollback')
        if (REFUSED.includes(error.code)) return false
        throw error
      },
    )
    const now = performance.now()
    ms.push(now - begun)
    if (answered) {
      if (isRefused) withoutAnswerMs += now - answeredAt
      answeredAt = now
    } else refused += 1
    isRefused = !answered
    await pause(EVERY_MS)
  }
  await client.end()
  return { what, ms, refused, withoutAnswerMs }
}

/** Sends heartbeats, and stops once there is a migration that it does not know. */
async function oldWorker(
  databaseUrl: string,
  known: readonly string[],
  signal: AbortSignal,
  stopped: (at: number) => void,
): Promise<void> {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  let beatenAt = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    const { rows } = await client.query(
      'select from kysely_migration where name <> all ($1) limit 1',
      [known],
    )
    if (rows.length > 0) {
      stopped(performance.now())
      break
    }
    if (performance.now() - beatenAt > BEAT_MS) {
      beatenAt = performance.now()
      await client.query(`insert into processes (name, plans) values ('old', true)
        on conflict (name) do update set seen_at = now()`)
    }
    await pause(EVERY_MS)
  }
  await client.end()
}
