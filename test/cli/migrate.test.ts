/**
 * `dawnpost migrate` on a database in use: killed repeatedly, and next to running processes.
 */
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import * as stores from '../../src/store/index.ts'
import { namesOfMigrations } from '../../src/store/postgres/migrate.ts'
import { moveAll } from '../support/ledger-months.ts'
import { newestSchema, openOld } from '../support/old-database.ts'
import { type Folder, launch, openFolder, type Program } from '../support/program.ts'
import { until } from '../support/wait.ts'

/** The last migration before the ledger was partitioned. */
const WHOLE = '0055-mails-of-a-series'

let folder: Folder
beforeEach(async () => {
  folder = await openFolder()
})
afterEach(() => folder?.[Symbol.asyncDispose]())

const migrating = (url: string) =>
  launch(['migrate'], {
    DATA_DIR: folder.path,
    DATABASE_URL: url,
    REDIS_URL: inject('redisUrl'),
  })

/** The kinds of steps logged so far; of the reading, its beginning and its end. */
const stepsOf = (program: Program) =>
  [...program.stderr().matchAll(/"what":"([^"]+)","done":(\d+)/g)].map(
    ([, what = '', done = '']) =>
      what === 'readings of the old ledger' ? `${what}: ${done}` : what,
  )

const IN_THE_WAY = 'attempts that another transaction blocked'

/** Kills it at the first step that is not in `seen`; null if it has finished. */
async function killedAtNext(url: string, seen: ReadonlySet<string>): Promise<string | null> {
  await using program = migrating(url)
  let isOver = false
  program.ended.then(() => {
    isOver = true
  })
  const next = () => stepsOf(program).find((step) => !seen.has(step))
  await until('a step, or the end', () => isOver || next() !== undefined)
  const step = next()
  if (step === undefined) {
    expect(await program.ended).toMatchObject({ code: 0 })
    return null
  }
  program.kill('SIGKILL')
  await program.ended
  return step
}

it('killed at each kind of step from the oldest schema on, it finishes with every row once', async () => {
  await using old = await openOld('0001-start', 3_000)
  const before = await old.mails()
  const kills = new Set<string>()
  for (;;) {
    const step = await killedAtNext(old.url, kills)
    if (step === null) break
    kills.add(step)
  }
  // How far it gets before the kill arrives is chance; the next test controls it.
  expect(kills).toContain('migrations')
  expect(await old.mails()).toEqual(before)
  await moveAll(old.db)
  expect(await old.schema()).toBe(await newestSchema())
})

it('killed between two steps, it continues with the second', async () => {
  await using old = await openOld(WHOLE, 3_000)
  const before = await old.mails()
  await using stack = new AsyncDisposableStack()
  const other = stack.adopt(new pg.Client(old.url), (client) => client.end())
  await other.connect()
  const killedOnce = async (
    what: string,
    has: (program: Program) => Promise<boolean> | boolean,
  ) => {
    await using program = migrating(old.url)
    await until(what, () => has(program))
  }
  const isInTheWay = (program: Program) => stepsOf(program).includes(IN_THE_WAY)
  // None of the mails that have not ended has been moved, and none of them can be.
  await other.query(`select pg_advisory_lock(1);
    create function wait() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock(1); return null; end';
    create trigger wait after delete on deliveries for each statement execute function wait()`)
  await killedOnce('it to move', isInTheWay)
  await expect(old.mails()).rejects.toThrow('relation "deliveries" does not exist')
  await other.query('select pg_advisory_unlock(1); drop function wait() cascade')
  await other.query('begin; lock table deliveries_before in share update exclusive mode')
  // All of them have been moved, and the rest has not been read.
  await killedOnce('it to read', isInTheWay)
  await other.query('commit; begin; select from enrollments for no key update')
  // The ledger is complete, and `due` is still to be filled.
  await killedOnce('it to fill', async () => {
    const { rows } = await old.pool.query(`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%into due%'`)
    return rows.length > 0
  })
  expect(await old.mails()).toEqual(before)
  await other.query('commit')
  expect(await migrating(old.url).ended).toMatchObject({ code: 0 })
  expect(await old.mails()).toEqual(before)
  await moveAll(old.db)
  expect(await old.schema()).toBe(await newestSchema())
})

it('next to an older worker, reader and planner, no mail is lost, sent twice or hidden', async () => {
  await using old = await openOld(WHOLE, 3_000)
  const before = new Map(
    (await old.mails()).map((mail): [string, { id: string; status: string }] => {
      const row = JSON.parse(mail)
      return [row.id, row]
    }),
  )
  await old.pool.query(`insert into processes (name, plans) values ('old', true)`)
  await using stack = new AsyncDisposableStack()
  const stopping = stack.adopt(new AbortController(), (stopping) => stopping.abort())
  const others = [oldWorker, oldReader, oldPlanner].map((other) =>
    beside(old.url, stopping.signal, other),
  )
  await until('the older version to be at work', async () => {
    const { rows } = await old.pool.query(
      `select from deliveries where worker = 'old' and status = 'sent'`,
    )
    return rows.length > 2
  })
  // The server does not answer for this mail until the migration waits for it.
  const slow = await claim(old.pool)
  await using program = migrating(old.url)
  await until('it to wait', () => stepsOf(program).includes(STILL_SENT))
  await note(old.pool, slow)
  expect(await program.ended).toMatchObject({ code: 0 })
  stopping.abort()
  const [sent = [], counts = [], added = []] = await Promise.all(others)
  for (const id of [...sent, slow]) Object.assign(before.get(id ?? '') ?? {}, { status: 'sent' })
  expect(new Set(sent).size).toBe(sent.length)
  expect((await old.mails()).map((mail) => JSON.parse(mail))).toEqual([...before.values()])
  expect(new Set(counts)).toEqual(new Set(['20', '42P01']))
  expect(new Set(added)).toEqual(new Set(['0', '42P01', '42P10', '55000']))
  const { rows } = await old.pool.query(
    `select enrollment_id as id, item from deliveries where status = 'sent' limit 20`,
  )
  const again = rows.map(({ id, item }) => mail(id, item))
  expect(await stores.deliveries.add(old.db, again, NOW)).toEqual([])
})

const NOW = Temporal.Instant.from('2027-03-20T06:00:00Z')
const mail = (enrollmentId: string, item: string) => ({
  enrollmentId,
  series: 'inner-wisdom',
  kind: 'lesson' as const,
  item,
  day: null,
  morning: { on: Temporal.PlainDate.from('2027-03-20'), at: NOW, until: NOW.add({ hours: 12 }) },
})

/** Keeps asking as the older version does, and returns the answers. */
async function beside(
  url: string,
  signal: AbortSignal,
  ask: (client: pg.Client) => Promise<string | null>,
): Promise<string[]> {
  const client = new pg.Client(url)
  await client.connect()
  const answers: string[] = []
  while (!signal.aborted) {
    const answer = await ask(client).catch((error) => String(error.code))
    if (answer !== null) answers.push(answer)
  }
  await client.end()
  return answers
}

const STILL_SENT = 'mails that are still being sent by the older version'

/** Claims a mail and records it as sent, unless a newer schema is there. */
async function oldWorker(client: pg.Client): Promise<string | null> {
  const known = (await namesOfMigrations()).filter((name) => name <= WHOLE)
  const { rows: newer } = await client.query(
    'select from kysely_migration where name <> all ($1)',
    [known],
  )
  if (newer.length > 0) return null
  const id = await claim(client)
  if (id) await note(client, id)
  return id
}

async function claim(client: pg.Client | pg.Pool): Promise<string | null> {
  const { rows } = await client.query(
    `update deliveries set status = 'sending', worker = 'old',
      lease_until = now() + interval '1 minute'
     where id = (select id from deliveries
       where coalesce(status, '') in ('planned', 'retry', 'unknown')
       and try_at < until and status in ('planned', 'retry') limit 1 for update skip locked)
     returning id`,
  )
  return rows[0]?.id ?? null
}

const note = (client: pg.Client | pg.Pool, id: string | null) =>
  client.query(
    `update deliveries set status = 'sent', lease_until = null
     where id = $1 and worker = 'old' and status = 'sending'`,
    [id],
  )

/** An enrollment that has had twenty mails. */
const READER = `(select id from enrollments order by id offset 8 limit 1)`

async function oldReader(client: pg.Client): Promise<string> {
  const { rows } = await client.query(
    `select count(*)::text as had from deliveries where enrollment_id = ${READER}`,
  )
  return rows[0].had
}

/** Plans a mail that they have already had, like a planner that does not know of it. */
async function oldPlanner(client: pg.Client): Promise<string> {
  const { rowCount } = await client.query(
    `insert into deliveries (id, enrollment_id, series, kind, item, local_date, due_at,
      until, try_at, created_at)
     select gen_random_uuid(), ${READER}, 'inner-wisdom', 'lesson', 'lesson-1', current_date, now(),
       now() + interval '1 hour', now(), now()
     on conflict (enrollment_id, kind, item) do nothing`,
  )
  return String(rowCount)
}
