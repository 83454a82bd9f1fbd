/** The cost of the ledger at increasing sizes. */
import { Redis } from 'ioredis'
import { type App, openApp } from '../../src/app/app.ts'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { median } from '../figures.ts'
import { configFor, type Machines } from '../machines.ts'
import type { watchConnections } from '../operator/reads.ts'
import {
  type AtRest,
  atRest,
  costOf,
  countStatements,
  forgetStatements,
  type Observer,
  observe,
  type Statement,
  type Step,
  statements,
} from './database.ts'
import { type Drained, drain, type Morning } from './drain.ts'
import { fill, readersOf, settle } from './history.ts'
import { CIRCLE, enrollmentOf, MAKE_DUE } from './shape.ts'

export interface Cost {
  readonly ms: number
  /** Pages of 8 kB, from memory or disk. */
  readonly pages: number
}

/** The worker's steps, with their cost per mail, and the others, with their cost per run. */
export const COSTS = [
  'planning',
  'claiming',
  'finishing',
  'a sweep',
  'status',
  'a reader’s page',
] as const
export type CostName = (typeof COSTS)[number]

export interface AtSize {
  readonly rows: number
  readonly atRest: AtRest
  readonly drained: Drained
  readonly costs: Readonly<Record<CostName, Cost>>
  readonly statements: readonly Statement[]
}

type Watch = ReturnType<typeof watchConnections>

interface Terms {
  readonly morning: Morning
  readonly readsDuring: Watch
  readonly say: (text: string) => void
}

/** How often each is run; the median counts. */
const TIMES = 7
/** The largest share of the readers that is due in the morning. */
const SHARE = 0.5
/** Mails planned but not sent while the others are measured. */
const OPEN = 1_000

const circleOf = (rows: number) => Math.min(CIRCLE, readersOf(rows))

/** Fills a new database with `rows` deliveries and measures there. */
export async function measureAt(machines: Machines, rows: number, terms: Terms): Promise<AtSize> {
  await using stack = new AsyncDisposableStack()
  const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) =>
    scratch.drop(),
  )
  const observer = stack.use(await observe(machines, scratch.url))
  const begun = performance.now()
  await fill(machines, scratch.url, observer, rows)
  const resting = await atRest(observer)
  terms.say(
    `${resting.rows} deliveries, filled in ${Math.round((performance.now() - begun) / 1_000)} s`,
  )
  const mails = Math.min(terms.morning.mails, Math.floor(circleOf(rows) * SHARE))
  await countStatements(observer)
  const drained = await drainHere(machines, scratch.url, {
    morning: { ...terms.morning, mails },
    observer,
    rows,
  })
  const asked = await statements(observer)
  const perMail = (step: Step): Cost => {
    const { ms, pages } = costOf(step, asked)
    return { ms: ms / mails, pages: pages / mails }
  }
  const others = await measureOthers(machines, scratch.url, {
    observer,
    rows,
    offset: mails,
    readsDuring: terms.readsDuring,
  })
  const costs = {
    planning: perMail('planning'),
    claiming: perMail('claiming'),
    finishing: perMail('finishing'),
    ...others,
  }
  return { rows, atRest: resting, drained, costs, statements: asked }
}

interface Here {
  readonly morning: Morning
  readonly observer: Observer
  readonly rows: number
}

/** Drains a morning in which the first readers are due. */
async function drainHere(
  machines: Machines,
  databaseUrl: string,
  { morning, observer, rows }: Here,
): Promise<Drained> {
  for (;;) {
    await forgetStatements(observer)
    const drained = await drain(machines, databaseUrl, morning, (dueAt) =>
      makeDue(observer, rows, { dueAt, mails: morning.mails, offset: 0 }),
    )
    if (typeof drained === 'object') return drained
    if (drained === 'begun') throw new Error('the machine is too busy to measure anything')
  }
}

interface Due {
  readonly dueAt: Temporal.Instant
  readonly mails: number
  readonly offset: number
}

/** Makes some readers of the history due, as if they had always been. */
async function makeDue(observer: Observer, rows: number, { dueAt, mails, offset }: Due) {
  const values = [circleOf(rows), String(dueAt), mails, offset]
  const { rowCount } = await observer.client.query(MAKE_DUE, values)
  if (rowCount !== mails) throw new Error(`${rowCount} of ${mails} readers were made due`)
  await settle(observer)
}

interface Stage {
  readonly observer: Observer
  readonly rows: number
  readonly offset: number
  readonly readsDuring: Watch
}

/** With some mails planned and queued but no worker to send them. */
async function measureOthers(
  machines: Machines,
  databaseUrl: string,
  { observer, rows, offset, readsDuring }: Stage,
) {
  await using stack = new AsyncDisposableStack()
  const redis = stack.adopt(new Redis(machines.redisUrl), (redis) => void redis.disconnect())
  await redis.flushall()
  const app = stack.adopt(await openApp(configFor(databaseUrl, machines)), (app) => app.close())
  await app.author.courses.begin()
  const mails = Math.min(OPEN, circleOf(rows) - offset)
  await makeDue(observer, rows, { dueAt: Temporal.Now.instant(), mails, offset })
  const planned = await app.sender.plan()
  if (planned !== mails) throw new Error(`planned ${planned} of ${mails}`)
  const measure = async (act: (n: number) => Promise<unknown>): Promise<Cost> => {
    const rounds: Cost[] = []
    // The first run is for one-time work.
    for (let n = 0; n <= TIMES; n++) {
      const { ms, blocks } = await readsDuring(observer.client, () => act(n))
      if (n > 0) rounds.push({ ms, pages: blocks })
    }
    return {
      ms: median(rounds.map(({ ms }) => ms)),
      pages: median(rounds.map(({ pages }) => pages)),
    }
  }
  return {
    'a sweep': await measure(() => app.sender.sweep()),
    status: await measure(() => app.operator.status()),
    'a reader’s page': await measure((n) => page(app, observer, n + 1)),
  }
}

async function page(app: App, { client }: Observer, reader: number): Promise<void> {
  const { rows } = await client.query(`select ${enrollmentOf('$1::int')} as id`, [reader])
  if (!(await app.reader.overviewBy(rows[0].id))) throw new Error('a reader has no page')
}
