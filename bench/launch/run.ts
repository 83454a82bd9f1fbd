/**
 * `npm run bench -- --launch [--people 1000] [--apart]`: ten thousand people enroll within ten
 * minutes, or fewer at the same rate, while a morning drains. One process does everything, like
 * `dawnpost start` with the queue on PostgreSQL; with `--apart`, pages and worker are two
 * processes, with the queue on Redis. Exit code 1 if somebody is missing from the database or did
 * not get their mail, or if a hundredth of the answers took longer than 300 ms.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { freePort } from '../../src/platform/free-port.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { ARENAS, HEAP } from '../dawnpost.ts'
import { MACHINE } from '../figures.ts'
import { ROOT } from '../lesson.ts'
import { ended, openMachines, startSink } from '../machines.ts'
import { seed } from '../seed.ts'
import type { Arrivals } from './people.ts'

const { values: options } = parseArgs({
  options: {
    launch: { type: 'boolean' },
    people: { type: 'string', default: '10000' },
    apart: { type: 'boolean' },
  },
})
const people = Number(options.people)
const seconds = (people * 600) / 10_000
/** Lessons a second that the morning can send: the backlog must last as long as the launch. */
const MAILS_A_SECOND = 500
const LIMIT_MS = 300
/** How long the last confirmation mail may take after the last person. */
const TIMEOUT_MS = 120_000

await using stack = new AsyncDisposableStack()
const machines = stack.use(await openMachines())
const sink = await startSink(stack, 'launch')
const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) => scratch.drop())
const database = await openDatabase(scratch.url, () => {})
await migrate(database.db)
await database.close()
const client = new pg.Client(scratch.url)
await client.connect()
stack.defer(() => client.end())

const backlog = MAILS_A_SECOND * (seconds + 10)
const port = await freePort()
const settings = {
  PATH: process.env.PATH,
  DATABASE_URL: scratch.url,
  PORT: String(port),
  HOST: '127.0.0.1',
  TRUST_PROXY: '1',
  ...(options.apart && { REDIS_URL: machines.redisUrl }),
  SMTP_URL: `smtp://127.0.0.1:${sink.port}?connections=10&perSecond=${MAILS_A_SECOND}`,
  SECRET_KEY: 'a key for the benchmark and for nothing else',
  POSTAL_ADDRESS: '1 Test Lane, Testville',
  PUBLIC_URL: 'https://courses.example',
  MAIL_FROM: 'morning@dawnpost.example',
  LOG_LEVEL: process.env.BENCH_LOG ?? 'warn',
}
if (options.apart) await start(['src/bin.mjs', 'worker'])
await start(['bench/launch/site.ts', options.apart ? 'web' : 'start'])
// By then the editions are compiled, as on a site that has run since yesterday.
await pause(10_000)
await seed(scratch.url, { active: backlog, due: backlog, dueAt: Temporal.Now.instant() })
await until(async () => (await sink.taken()).mails > 0)
console.log(
  `${people} people in ${seconds} s, while ${backlog} lessons are due, ${MAILS_A_SECOND} a second`,
)

const before = (await sink.taken()).mails
const arrivals = await comeAll()
const drained = (await sink.taken()).mails - before
const isIn = await until(
  async () => (await inDatabase()) === people && (await sink.taken()).people === people,
)
const outcome = report(arrivals, {
  stored: await inDatabase(),
  mailed: (await sink.taken()).people,
  drained,
})
console.log(outcome.text)
if (people === 10_000) {
  const machine = `${MACHINE}`
  const head = `# Results of \`npm run bench -- --launch${options.apart ? ' --apart' : ''}\`\n\n${machine}; people, relay, PostgreSQL and Redis on the same machine.\n\n`
  await writeFile(join(ROOT, 'bench/launch/RESULTS.md'), `${head}${outcome.text}\n`)
}
process.exitCode = isIn && outcome.p99 < LIMIT_MS ? 0 : 1

async function start([script = '', ...args]: readonly string[]): Promise<ChildProcess> {
  const child = stack.adopt(
    spawn(process.execPath, [...HEAP, join(ROOT, script), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...ARENAS, ...settings },
    }),
    ended,
  )
  for await (const line of createInterface(child.stdout)) if (line.includes('is up')) break
  child.stdout.resume()
  return child
}

async function comeAll(): Promise<Arrivals> {
  const script = join(ROOT, 'bench/launch/people.ts')
  const load = spawn(process.execPath, [script, String(port), String(people), String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [answer, [code]] = await Promise.all([json(load.stdout), once(load, 'exit')])
  if (code !== 0) throw new Error(`the people ended with ${code}`)
  return answer as Arrivals
}

/** People who have enrolled, with their consent on record. */
async function inDatabase(): Promise<number> {
  const { rows } = await client.query(
    `select count(distinct s.id)::int as people from subscribers s
      join enrollments e on e.subscriber_id = s.id
     join consents c on c.enrollment_id = e.id where s.address_key like 'launch%'`,
  )
  return rows[0].people
}

/** Waits for a condition; returns whether it came true. */
async function until(condition: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + TIMEOUT_MS
  while (!(await condition())) {
    if (performance.now() > end) return false
    await pause(250)
  }
  return true
}

interface Found {
  readonly stored: number
  readonly mailed: number
  readonly drained: number
}

function report(
  { times, welcomed, others, proofs, resets }: Arrivals,
  { stored, mailed, drained }: Found,
) {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const all = Object.values(times).flat()
  const figures = (name: string, ms: readonly number[]) => {
    const sorted = [...ms].sort((a, b) => a - b)
    const at = (share: number) =>
      Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
    return row([name, ms.length, at(0.5), at(0.99), at(1)])
  }
  const sorted = all.toSorted((a, b) => a - b)
  const p99 = sorted[Math.floor(0.99 * sorted.length)] ?? Number.POSITIVE_INFINITY
  const text = [
    row(['', 'requests', 'p50, ms', 'p99, ms', 'longest, ms']),
    row(['---', '---:', '---:', '---:', '---:']),
    ...Object.entries(times).map(([name, ms]) => figures(name, ms)),
    figures('all', all),
    '',
    `Of ${people} people in ${seconds} seconds ${welcomed} were told to look into their inbox, ${stored} stand in the`,
    `database, and ${mailed} got the mail to confirm. ${proofs} proofs of work were asked for and checked.`,
    `Meanwhile ${drained} mails were sent, ${Math.round(drained / seconds)} a second.`,
    ...resets.map(
      (ms) =>
        `A connection was closed under a request after ${ms} ms without one; it was asked again.`,
    ),
    ...Object.entries(others).map(([what, many]) => `${many}: ${what}`),
  ]
  return { p99, text: text.join('\n') }
}
