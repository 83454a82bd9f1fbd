/**
 * `npm run bench -- --operator [--subscribers N] [--deliveries N] [--growth] [--explain MS]
 * [--json]`: what commands, pages and the worker's regular turns cost on a large ledger, in
 * milliseconds and pages read. `--growth` measures at a fifth of the size first and reports how
 * much each has grown; `--explain` prints the plan of each slower statement. The figures go to
 * bench/operator/RESULTS.md.
 */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { type App, openApp } from '../../src/app/app.ts'
import { foldersIn } from '../../src/app/courses.ts'
import { migrate } from '../../src/store/postgres/migrate.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { openDatabase } from '../../src/store/postgres/sql.ts'
import { ROOT, sampleCourse } from '../lesson.ts'
import { configFor, type Machines, openMachines, superuserUrl } from '../machines.ts'
import { enrollmentId, fill, type Size, subscriberId } from './fill.ts'
import { explainSlow, type Reads, watchConnections } from './reads.ts'

const { values: options } = parseArgs({
  options: {
    operator: { type: 'boolean' },
    subscribers: { type: 'string', default: '1000000' },
    deliveries: { type: 'string' },
    growth: { type: 'boolean' },
    explain: { type: 'string' },
    json: { type: 'boolean' },
  },
})
const readsDuring = watchConnections((plan) => say(`  ${plan.replaceAll('\n', '\n  ')}`))
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`)

/** What was done, how often, and the median. */
interface Measured extends Reads {
  readonly name: string
  readonly ms: number
}

interface Stage {
  readonly app: App
  readonly second: App
  readonly folder: string
  readonly client: pg.Client
}

const SLUG = 'inner-wisdom'

/** Each is run `times` times, with the number of the run. */
const ACTS: Readonly<
  Record<
    string,
    { readonly times: number; readonly act: (stage: Stage, n: number) => Promise<unknown> }
  >
> = {
  'dawnpost status': { times: 5, act: ({ app }) => app.operator.status() },
  '/readyz': { times: 5, act: ({ app }) => app.operator.readiness() },
  '/metrics': { times: 5, act: ({ app }) => app.operator.metrics() },
  'a plan with nothing due': { times: 3, act: ({ app }) => app.sender.plan() },
  'when something is due': { times: 3, act: ({ app }) => app.sender.nextDueInMs() },
  'a sweep': { times: 5, act: ({ app }) => app.sender.sweep() },
  'a purge': { times: 3, act: ({ app }) => app.sender.purge() },
  'what a reader’s page asks': {
    times: 5,
    act: async ({ app, client }, n) =>
      app.reader.overviewBy(await idFrom(client, enrollmentId, 6 + 10 * n)),
  },
  'an unsubscribe': {
    times: 5,
    act: async ({ app, client }, n) =>
      app.reader.unsubscribe(
        await idFrom(client, enrollmentId, 1_006 + 10 * n),
        'everything',
        CONSENT,
      ),
  },
  'one erase': {
    times: 5,
    act: async ({ app, client }, n) =>
      app.reader.erase(await idFrom(client, subscriberId, 2_006 + 10 * n)),
  },
  'dawnpost diff, a line edited': {
    times: 3,
    act: async ({ app, folder }, n) => {
      await edit(folder, n)
      return app.author.courses.propose(await foldersIn({ folder }, Temporal.Now.instant()))
    },
  },
  'publishing an edited line': {
    times: 3,
    act: async ({ app, folder }, n) => {
      await edit(folder, 10 + n)
      await app.author.courses.follow()
      await app.author.courses.follow()
    },
  },
  'the same, in two processes at once': {
    times: 3,
    act: async ({ app, second, folder }, n) => {
      await edit(folder, 20 + n)
      const both = [app, second].map(async ({ author: { courses } }) => {
        await courses.follow()
        await courses.follow()
      })
      await Promise.all(both)
    },
  },
  'dawnpost diff, a lesson taken out': {
    times: 1,
    act: async ({ app, folder }) => {
      await rm(await lessonFile(folder, '30-'))
      return app.author.courses.propose(await foldersIn({ folder }, Temporal.Now.instant()))
    },
  },
  'taking a lesson out': {
    times: 1,
    act: async ({ app, folder }) =>
      app.author.courses.accept(await foldersIn({ folder }, Temporal.Now.instant())),
  },
}
const CONSENT = {
  wording: 'I want no more mail',
  language: 'en',
  version: '2',
  source: 'the bench',
  network: '192.0.2.0/24',
}

async function idFrom(client: pg.Client, id: string, n: number): Promise<string> {
  const { rows } = await client.query(
    `select ${id} as id from (select $1::int as n, $2::text as series) as one`,
    [n, SLUG],
  )
  return rows[0].id
}

async function lessonFile(folder: string, start: string): Promise<string> {
  const names = await readdir(join(folder, SLUG))
  return join(folder, SLUG, names.find((name) => name.startsWith(start)) ?? '')
}

async function edit(folder: string, n: number): Promise<void> {
  const file = await lessonFile(folder, '02-')
  await writeFile(file, `${await readFile(file, 'utf8')}\nA line that was added, the ${n + 1}th.\n`)
}

async function measureAll(machines: Machines, size: Size): Promise<Measured[]> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) =>
    scratch.drop(),
  )
  const database = await openDatabase(scratch.url, () => {})
  await migrate(database.db)
  await database.close()
  const { lessons } = await sampleCourse()
  const begun = performance.now()
  const filled = await fill(
    scratch.url,
    size,
    lessons.map(({ id }) => id),
  )
  const seconds = Math.round((performance.now() - begun) / 1_000)
  say(
    `${filled.subscribers} subscribers, ${filled.enrollments} enrollments, ${filled.deliveries} deliveries, ${filled.planned} of them planned: ${(filled.bytes / 2 ** 30).toFixed(1)} GiB, filled in ${seconds} s`,
  )
  if (options.explain) await explained(scratch.url, machines.folder, Number(options.explain))
  const folder = join(machines.folder, `courses-${size.subscribers}`)
  await cp(join(ROOT, 'courses'), folder, { recursive: true })
  const open = async () =>
    stack.adopt(await openApp(configFor(scratch.url, machines), { coursesDir: folder }), (app) =>
      app.close(),
    )
  const stage = {
    app: await open(),
    second: await open(),
    folder,
    client: new pg.Client(scratch.url),
  }
  await stage.client.connect()
  stack.defer(() => stage.client.end())
  // There is a job for each planned delivery.
  await stage.app.sender.queue.enqueue(
    Array.from({ length: filled.planned }, (_, n) => `mail-${n}`),
  )
  for (const app of [stage.app, stage.second]) await app.author.courses.begin()
  const all: Measured[] = []
  for (const name of Object.keys(ACTS)) all.push(await measure(name, stage))
  return all
}

/** As the superuser, since only it may load auto_explain. */
async function explained(databaseUrl: string, folder: string, ms: number): Promise<void> {
  const client = new pg.Client(await superuserUrl(databaseUrl, folder))
  await client.connect()
  await explainSlow(client, ms).finally(() => client.end())
}

async function measure(name: string, stage: Stage): Promise<Measured> {
  const { times, act } = ACTS[name] as (typeof ACTS)[string]
  const rounds: (Reads & { ms: number })[] = []
  for (let n = 0; n < times; n++) rounds.push(await readsDuring(stage.client, () => act(stage, n)))
  const median = rounds.sort((a, b) => a.ms - b.ms)[Math.floor(times / 2)] as Reads & { ms: number }
  const scanned = Object.assign({}, ...rounds.map((round) => round.scanned))
  const measured = { name, ...median, scanned }
  say(
    `${name.padEnd(40)} ${measured.ms.toFixed(0).padStart(7)} ms ${String(measured.blocks).padStart(9)} pages  ${scans(measured)}`,
  )
  return measured
}

const scans = ({ scanned }: Reads) =>
  Object.entries(scanned)
    .map(([table, rows]) => `SCAN ${table}, ${rows} rows`)
    .join('; ')

const subscribers = Number(options.subscribers)
const largest = { subscribers, deliveries: Number(options.deliveries ?? 20 * subscribers) }
const fifth = { subscribers: subscribers / 5, deliveries: largest.deliveries / 5 }
const results: Measured[][] = []
for (const size of options.growth ? [fifth, largest] : [largest]) {
  await using machines = await openMachines()
  results.push(await measureAll(machines, size))
}
const [first = [], last = first] = results
const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
const times = (a: number, b: number | undefined) => (b ? (a / b).toFixed(2) : '')
const table = [
  row(['', 'ms', 'pages read', ...(options.growth ? ['pages, × of a fifth'] : []), 'scans']),
  row(['---', '---:', '---:', ...(options.growth ? ['---:'] : []), '---']),
  ...last.map((measured, at) =>
    row([
      measured.name,
      measured.ms.toFixed(measured.ms < 10 ? 1 : 0),
      measured.blocks,
      ...(options.growth ? [times(measured.blocks, first[at]?.blocks)] : []),
      scans(measured),
    ]),
  ),
]
say(`\n${table.join('\n')}`)
if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`)
