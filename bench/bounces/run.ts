/**
 * `npm run bench -- --bounces [n] [--json]`: what comes back after a day of `n` mails (100,000),
 * 3 % bounces and 0.05 % complaints: through the listener, and straight into the code that counts
 * them; whether any is lost, and how memory develops.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { openApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/platform/config.ts'
import { freePort } from '../../src/platform/free-port.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { sampleCourse } from '../lesson.ts'
import { type Machines, openMachines } from '../machines.ts'
import { type Day, DOMAIN, dayOf, fillLedger, type Returned, SECRET } from './mails.ts'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { bounces: { type: 'boolean' }, json: { type: 'boolean' } },
})
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`)
const size = Number(positionals[0] ?? 100_000)
/** Servers that deliver at the same time. */
const CONNECTIONS = 20
const MIB = 1024 * 1024

type App = Awaited<ReturnType<typeof openApp>>

interface Outcome {
  readonly way: string
  readonly came: number
  readonly perSecond: number
  readonly counted: number
  readonly suppressed: number
  /** MiB after a quarter of the mails, and at the end. */
  readonly memory: readonly [number, number]
}

const WAYS: Readonly<
  Record<string, (app: App, port: number, day: Day, tick: () => void) => Promise<void>>
> = {
  'by the listener': async (app, port, day, tick) => {
    const listening = Promise.withResolvers<unknown>()
    const receiving = app.receiving.start(listening.resolve)
    await listening.promise
    const mails = day.mails()
    await Promise.all(Array.from({ length: CONNECTIONS }, () => bring(port, mails, tick)))
    await receiving.close()
  },
  'read and counted': async (app, _port, day, tick) => {
    const mails = day.mails()
    const work = async () => {
      for (const { raw, localPart } of mails) {
        await app.receiving.receive({ raw, localPart, source: 'listener', isNullSender: true })
        tick()
      }
    }
    await Promise.all(Array.from({ length: 4 }, work))
  },
}

async function measure(machines: Machines, way: string): Promise<Outcome> {
  const scratch = await createScratch(machines.databaseUrl)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => scratch.drop())
  const database = stack.adopt(await openDatabase(scratch.url, () => {}), (database) =>
    database.close(),
  )
  await migrate(database.db)
  const [lesson] = (await sampleCourse()).lessons
  if (!lesson) throw new Error('the sample course has no lesson')
  await fillLedger(scratch.url, size, lesson.id)
  const port = await freePort()
  const app = stack.adopt(await openApp(configFor(scratch.url, machines, port)), (app) =>
    app.close(),
  )
  const day = dayOf(size, lesson.id)
  const came = day.bounces + day.complaints
  let [done, atQuarter] = [0, 0]
  const begun = performance.now()
  await WAYS[way]?.(app, port, day, () => {
    if (++done === Math.ceil(came / 4)) atQuarter = process.memoryUsage.rss() / MIB
  })
  const seconds = (performance.now() - begun) / 1_000
  const { rows } = await sql<{ counted: number; suppressed: number }>`
    select (select count(*) from reports)::int as counted,
      (select count(*) from suppressions)::int as suppressed`.execute(database.db)
  const { counted = 0, suppressed = 0 } = rows[0] ?? {}
  const memory = [atQuarter, process.memoryUsage.rss() / MIB] as const
  return { way, came, perSecond: came / seconds, counted, suppressed, memory }
}

const configFor = (databaseUrl: string, machines: Machines, port: number) =>
  readConfig({
    DATABASE_URL: databaseUrl,
    REDIS_URL: machines.redisUrl,
    DATA_DIR: machines.folder,
    SMTP_URL: `smtp://127.0.0.1:${machines.sinkPort}`,
    SECRET_KEY: SECRET,
    POSTAL_ADDRESS: '1 Test Lane, Testville',
    PUBLIC_URL: 'https://courses.example',
    BOUNCE_DOMAIN: DOMAIN,
    BOUNCE_LISTEN: `127.0.0.1:${port}`,
    LOG_LEVEL: process.env.BENCH_LOG ?? 'fatal',
  })

/** Delivers its share of `mails` over one connection, one mail after another. */
async function bring(port: number, mails: Iterable<Returned>, tick: () => void): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const answer = async (wanted: string) => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error('the listener has hung up')
      if (/^\d{3} /.test(value)) {
        if (!value.startsWith(wanted)) throw new Error(`the listener said ${value}`)
        return
      }
    }
  }
  await answer('220')
  socket.write('EHLO mx.example.com\r\n')
  await answer('250')
  for (const { raw, localPart } of mails) {
    socket.write(`MAIL FROM:<>\r\nRCPT TO:<${localPart}@${DOMAIN}>\r\nDATA\r\n`)
    for (const wanted of ['250', '250', '354']) await answer(wanted)
    socket.write(raw)
    socket.write('.\r\n')
    await answer('250')
    tick()
  }
  socket.end('QUIT\r\n')
  await once(socket, 'close')
}

const results: Outcome[] = []
for (const way of Object.keys(WAYS)) {
  await using machines = await openMachines()
  const outcome = await measure(machines, way)
  results.push(outcome)
  const [quarter, end] = outcome.memory.map((mib) => mib.toFixed(0))
  say(
    `${way}: ${outcome.came} came back of ${size} mails, ${outcome.perSecond.toFixed(0)} a second; ${outcome.counted} counted, ` +
      `${outcome.suppressed} suppressed; ${quarter} MiB after a quarter, ${end} MiB at the end`,
  )
  if (outcome.counted !== outcome.came || outcome.suppressed !== outcome.came) {
    say(
      `  LOST: ${outcome.came - outcome.counted} not counted, ${outcome.came - outcome.suppressed} not suppressed`,
    )
    process.exitCode = 1
  }
}
if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`)
process.exit()
