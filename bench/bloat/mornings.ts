/** Mornings of a site with the real worker, one after another as fast as possible. */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { openApp } from '../../src/app/app.ts'
import { readConfig } from '../../src/platform/config.ts'
import { startWorker } from '../../worker/main.ts'
import { seed } from '../seed.ts'
import { hotPercents, largeAmong, rewrite, type Size, sizesIn, vacuumWhatIsDue } from './sizes.ts'

export interface Site {
  /** An empty database. */
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly smtpUrl: string
  /** A DATA_DIR of its own. */
  readonly folder: string
  /** How many mails the server at `smtpUrl` has taken. */
  readonly taken: () => Promise<number>
}

export interface Plan {
  /** Each gets a lesson each morning. */
  readonly people: number
  readonly mornings: number
  /** The mornings after which to measure. */
  readonly measured: readonly number[]
  readonly progress: (text: string) => void
}

export interface Bloat {
  /** By morning. */
  readonly after: ReadonlyMap<number, readonly Size[]>
  readonly last: readonly Size[]
  /** The same rows after a rewrite. */
  readonly fresh: readonly Size[]
  readonly hot: ReadonlyMap<string, number>
}

/** How long a morning may take. */
const TIMEOUT_MS = 1_800_000
const FIRST = Temporal.Instant.from('2027-03-01T07:00:00Z')

/**
 * Runs the mornings: plans, claims, sends and finishes like a worker, with a clock that is moved
 * from one morning to the next, and a night with its regular work in between. Throws if a mail was
 * not sent.
 */
export async function live(site: Site, plan: Plan): Promise<Bloat> {
  await using stack = new AsyncDisposableStack()
  const clock = clockAt(FIRST.subtract({ hours: 1 }))
  const app = stack.adopt(await openApp(configFor(site), { clock }), (app) => app.close())
  const client = new pg.Client(site.databaseUrl)
  await client.connect()
  stack.defer(() => client.end())
  await seed(site.databaseUrl, { active: plan.people, due: plan.people, dueAt: FIRST, day: 1 })
  const worker = stack.adopt(await startWorker(app), (worker) => worker.close())
  const after = new Map<number, Size[]>()
  const begun = performance.now()
  for (let morning = 1; morning <= plan.mornings; morning++) {
    clock.set(FIRST.add({ hours: 24 * (morning - 1) }))
    const end = performance.now() + TIMEOUT_MS
    do await worker.tick()
    while (!(await settled(app)) && performance.now() < end)
    const [left, all] = [await site.taken(), morning * plan.people]
    if (left < all) throw new Error(`only ${left} of ${all} mails left by morning ${morning}`)
    clock.set(clock.now().add({ hours: 12 }))
    await worker.tick()
    await app.sender.purge()
    const vacuumed = await vacuumWhatIsDue(client)
    if (plan.measured.includes(morning)) after.set(morning, await sizesIn(client))
    const seconds = Math.round((performance.now() - begun) / 1_000)
    plan.progress(`morning ${morning}: ${vacuumed} tables vacuumed at night; ${seconds} s so far`)
  }
  const hot = await hotPercents(client)
  await worker.close()
  const last = await sizesIn(client)
  await rewrite(client, largeAmong(last))
  return { after, last, fresh: await sizesIn(client), hot }
}

/** Stops waiting from time to time, so that a standstill is noticed. */
async function settled({ sender }: Awaited<ReturnType<typeof openApp>>): Promise<boolean> {
  for (const end = performance.now() + 5_000; performance.now() < end; await pause(50))
    if (await sender.idle()) return true
  return false
}

function clockAt(start: Temporal.Instant) {
  let now = start
  const set = (instant: Temporal.Instant) => {
    now = instant
  }
  return { now: () => now, set, refresh: async () => {}, moveTo: async (to: typeof now) => set(to) }
}

const configFor = ({ databaseUrl, redisUrl, smtpUrl, folder }: Site) =>
  readConfig({
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SMTP_URL: smtpUrl,
    DATA_DIR: folder,
    SECRET_KEY: 'a key for the benchmark and for nothing else',
    POSTAL_ADDRESS: '1 Test Lane, Testville',
    PUBLIC_URL: 'https://courses.example',
    LOG_LEVEL: process.env.BENCH_LOG ?? 'error',
  })
