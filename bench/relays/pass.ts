/**
 * One morning through one server, with the real `dawnpost worker`: from due rows to the mails that
 * arrive behind the server.
 */

import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { openApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/platform/config.ts'
import { MESSAGE_ID } from '../../src/store/message-id.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { startWorker, stop } from '../dawnpost.ts'
import { DAY } from '../lesson.ts'
import { listening, type Machines } from '../machines.ts'
import { seed } from '../seed.ts'
import type { Kind, Place } from './kinds.ts'
import type { Running } from './programs.ts'
import type { Expected } from './verdict.ts'

export interface Server {
  readonly kind: Kind
  readonly place: Place
  readonly command: readonly string[]
  running: Running
}

export interface Terms {
  readonly mails: number
  /** Appended to the query of SMTP_URL, with a leading `&`. */
  readonly settings: string
  /** Stops the server halfway and starts it again. */
  readonly isInterrupted: boolean
  /** Ends the pass early. */
  readonly stop: AbortSignal
}

export interface Passed {
  readonly expected: readonly Expected[]
  readonly mailsPerSecond: number
}

const LONGEST_MS = 180_000
const DOWN_MS = 1_000
const WARM_MS = 10_000
const ROUNDS = 5

export async function startServer(kind: Kind, place: Place): Promise<Server> {
  const command = await kind.prepare(place)
  const server = { kind, place, command, running: await start(command, place) }
  return server
}

async function start(
  command: readonly string[],
  { programs, folder, port }: Place,
): Promise<Running> {
  const running = await programs.start(command, `${folder}/printed`)
  const late = pause(LONGEST_MS / 6, 'late', { ref: false })
  if ((await Promise.race([listening(port), late])) === 'late') {
    await running.stop()
    throw new Error(`it does not start; see ${folder}`)
  }
  return running
}

/** Sends mails through a server. Resolves when all of them are sent according to the ledger. */
export async function pass(machines: Machines, server: Server, terms: Terms): Promise<Passed> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) =>
    scratch.drop(),
  )
  const database = await openDatabase(scratch.url, () => {})
  await migrate(database.db)
  await database.close()
  const client = new pg.Client(scratch.url)
  client.on('error', () => {}) // it is dropped with the database
  await client.connect()
  stack.defer(() => client.end())
  const target = { ...machines, sinkPort: server.place.port }
  const run = { backend: 'redis', smtpSettings: terms.settings } as const
  const worker = await startWorker(target, scratch.url, run)
  stack.defer(() => stop(worker))
  // By then the editions are compiled, as in a worker that has run since yesterday.
  await pause(WARM_MS, undefined, { signal: terms.stop })
  await seed(scratch.url, { active: terms.mails, due: terms.mails, dueAt: Temporal.Now.instant() })
  if (terms.isInterrupted) {
    await sent(client, { ...terms, mails: terms.mails / 3 }, worker)
    await server.running.stop()
    await pause(DOWN_MS)
    server.running = await start(server.command, server.place)
  }
  await sent(client, terms, worker)
  await stop(worker)
  const { rows } = await client.query<{ seconds: number }>(
    `select extract(epoch from max(sent_at) - min(sent_at))::float8 as seconds from deliveries
      where day >= ${DAY}`,
  )
  return {
    mailsPerSecond: terms.mails / (rows[0]?.seconds || Number.NaN),
    expected: await composeAgain(client, scratch.url),
  }
}

async function sent(
  client: pg.Client,
  { mails, stop }: Terms,
  worker: ChildProcess,
): Promise<void> {
  const end = performance.now() + LONGEST_MS
  for (;;) {
    // Skip the minutes before a mail with outcome unknown, or a deferred one, is sent again.
    await client.query(
      `update ledger set try_at = now() - interval '1 s'
        where status in ('unknown', 'retry', 'planned') and try_at > now() + interval '1 s'`,
    )
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int from deliveries where status = 'sent' and day >= ${DAY}`,
    )
    const count = rows[0]?.count ?? 0
    if (count >= mails) return
    if (worker.exitCode !== null) throw new Error('the worker ended')
    if (performance.now() > end)
      throw new Error(`${count} of ${mails} mails were sent; ${await reasonsOf(client)}`)
    await pause(20, undefined, { signal: stop })
  }
}

async function reasonsOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query(
    `select status, reason, tries[1] as tried, count(*)::int from deliveries where day >= ${DAY}
      group by 1, 2, 3 limit 5`,
  )
  return JSON.stringify(rows)
}

/**
 * Has the program compose the same mails again, into its outbox: a mail that is sent again is the
 * same mail.
 */
async function composeAgain(client: pg.Client, url: string): Promise<Expected[]> {
  const { rows: mails } = await client.query<{
    id: string
    messageId: string
    to: string
    resends: number
  }>(
    `select d.id, ${MESSAGE_ID} as "messageId", s.address as to, d.resends from deliveries d
     join enrollments e on e.id = d.enrollment_id join subscribers s on s.id = e.subscriber_id
     where d.day >= ${DAY}`,
  )
  await client.query(`update ledger set status = 'planned', try_at = due_at where day >= ${DAY}`)
  const app = await openApp(
    readConfig({
      DATABASE_URL: url,
      SECRET_KEY: 'a key for the benchmark and for nothing else',
      POSTAL_ADDRESS: '1 Test Lane, Testville',
      PUBLIC_URL: 'https://courses.example',
      LOG_LEVEL: 'warn',
    }),
  )
  let raws: ReadonlyMap<string, Buffer> = new Map()
  // A busy database defers some of them.
  for (let round = 0; round < ROUNDS && raws.size < mails.length; round++) {
    await client.query(`update ledger set try_at = due_at where status in ('planned', 'retry')`)
    await app.sender.deliver(mails.map(({ id }) => id))
    const { rows } = await client.query<{ id: string; raw: Buffer }>(
      'select message_id as id, raw from outbox',
    )
    raws = new Map(rows.map(({ id, raw }) => [id, raw]))
  }
  await app.close()
  return mails.map(({ messageId, to, resends }) => ({
    messageId,
    to,
    wasUnknown: resends > 0,
    raw: raws.get(messageId) ?? Buffer.alloc(0),
  }))
}
