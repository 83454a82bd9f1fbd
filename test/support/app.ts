/** An app on real servers, with a clock that the test sets. */
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { type App, type Options as AppOptions, openApp } from '../../src/app/app.ts'
import { readSite } from '../../src/content/site.ts'
import { readAddress } from '../../src/domain/address.ts'
import type { Rhythm } from '../../src/domain/rhythm.ts'
import { HOUR } from '../../src/domain/time.ts'
import type { Catalogs } from '../../src/locales/locale.ts'
import { setMjmlIdleTimeout } from '../../src/mail/render/render-mjml.ts'
import type { SandboxClock } from '../../src/platform/clock.ts'
import { type Env, readConfig } from '../../src/platform/config.ts'
import { type Logger, openLog } from '../../src/platform/log.ts'
import { BUILT_IN_SITE, type Site } from '../../src/platform/site-folder.ts'
import type { Difficulty } from '../../src/security/proof-of-work.ts'
import { deliveries, readerDeliveries } from '../../src/store/index.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { type RunningWorker, startWorker } from '../../worker/main.ts'
import { lendDatabase, ownDatabase } from './kept-databases.ts'
import { failingLog } from './log.ts'
import { until } from './wait.ts'

// Starting it takes a second of CPU time, and twenty seconds often pass without a new layout.
setMjmlIdleTimeout(HOUR)

export const BACKENDS = ['postgres', 'redis'] as const
export type BackendName = (typeof BACKENDS)[number]

export interface TestClock extends SandboxClock {
  set(instant: string | Temporal.Instant): void
}

export function testClock(start: string): TestClock {
  let now = Temporal.Instant.from(start)
  return {
    now: () => now,
    refresh: async () => {},
    moveTo: async (instant) => {
      now = instant
    },
    set: (instant) => {
      now = Temporal.Instant.from(instant)
    },
  }
}

export interface TestApp extends AsyncDisposable {
  readonly app: App
  readonly clock: TestClock
  /** Direct access to the tables, to see what is really stored. */
  readonly db: Db
  /** Starts a worker, which stops with the app. */
  work(): Promise<RunningWorker>
  /** Plans, sweeps, and waits until everything that can be sent by now has been sent. */
  settle(): Promise<void>
}

interface Options {
  readonly backend?: BackendName
  readonly start?: string
  readonly env?: Env
  readonly coursesDir?: string
  /** By default there are no articles. */
  readonly articlesDir?: string
  /** By default the site that comes with the program. */
  readonly site?: Site
  readonly log?: Logger
  readonly proofWork?: Partial<Difficulty>
  readonly catalogs?: Catalogs
  /** Replaces HTTP requests to Amazon. */
  readonly fetchText?: AppOptions['fetchText']
  /** The language settings of the site. */
  readonly speech?: Pick<AppOptions, 'language' | 'languages' | 'localesDir'>
  /** The template of its database, if not the usual one. */
  readonly template?: string
  /** On a new database with new connections, for tests that count or listen to what happens. */
  readonly isNew?: true | undefined
  /** Changes the database before the app opens it, and returns the address for the app. */
  readonly through?: ((url: string) => Promise<string>) | undefined
}

/** No app may write into the checkout: a test that needs a folder sets it. */
const NO_FOLDER = join(tmpdir(), 'dawnpost-no-such-folder')

/** As in dawnpost.yaml, but only in English: the test browsers ask for German. */
const SHIPPED: Site = {
  folder: BUILT_IN_SITE,
  settings: { ...(await readSite(BUILT_IN_SITE.settings)).settings, languages: ['en'] },
}
/** The same for other courses: without the names of the shipped ones. */
const { front: _, ...unnamed } = SHIPPED.settings
const UNNAMED: Site = { ...SHIPPED, settings: unnamed }

/** A database that other tests have used, unless the test has special requirements. */
const databaseFor = (template: string, { through, env, isNew }: Options) =>
  isNew ||
  through ||
  env?.DATABASE_URL ||
  env?.DATABASE_CONNECTIONS ||
  !Object.values(inject('templates')).includes(template)
    ? ownDatabase(template, through)
    : lendDatabase(template)

/** Opens an app on a database of its own; `await using` closes it and returns the database. */
export async function testApp({
  backend = 'redis',
  start = '2027-03-19T12:00:00Z',
  env = {},
  coursesDir,
  articlesDir = NO_FOLDER,
  site,
  log: ownLog,
  proofWork,
  catalogs,
  fetchText,
  speech = {},
  template = inject('templates')[coursesDir === undefined ? 'live' : 'begun'],
  through,
  isNew,
}: Options = {}): Promise<TestApp> {
  await using opened = new AsyncDisposableStack()
  const failing = failingLog()
  const { TEST_LOG } = process.env
  const log = ownLog ?? (TEST_LOG === undefined ? failing.log : openLog(TEST_LOG))
  opened.defer(failing.expectNoFailure)
  const { url, own, open } = opened.adopt(
    await databaseFor(template, { through, env, isNew }),
    (one) => one.giveBack(),
  )
  const database = opened.adopt(own, (one) => one.close())
  const clock = testClock(start)
  const given = {
    DATABASE_URL: url,
    ...(backend === 'redis' && { REDIS_URL: inject('redisUrl') }),
    SECRET_KEY: 'a key for tests and for nothing else',
    POSTAL_ADDRESS: '1 Test Lane, Testville',
    PUBLIC_URL: 'https://courses.example',
    // So few that code fails if it waits for a second one within a transaction.
    DATABASE_CONNECTIONS: '3',
    DATA_DIR: NO_FOLDER,
    ...env,
  }
  const config = readConfig(given, { site: site ?? (coursesDir === undefined ? SHIPPED : UNNAMED) })
  const queuePrefix = `test-${randomBytes(6).toString('hex')}`
  const app = opened.adopt(
    await openApp(config, {
      clock,
      queuePrefix,
      log,
      articlesDir,
      openDatabase: open,
      ...(coursesDir !== undefined && { coursesDir }),
      ...(proofWork !== undefined && { proofWork }),
      ...(catalogs !== undefined && { catalogs }),
      ...(fetchText !== undefined && { fetchText }),
      ...speech,
    }),
    (one) => one.close(),
  )
  const stack = opened.move()
  let worker: RunningWorker | undefined
  const work = async () => {
    worker = stack.adopt(await startWorker(app), (one) => one.close())
    return worker
  }
  return {
    app,
    clock,
    db: database.db,
    work,
    settle: async () => {
      worker ??= await work()
      await worker.tick()
      await until('everything due to leave', app.sender.idle)
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

export const EVERY_DAY: Rhythm['weekdays'] = [1, 2, 3, 4, 5, 6, 7]
export const BERLIN_SEVEN: Rhythm = { time: '07:00', zone: 'Europe/Berlin', weekdays: EVERY_DAY }
export const CONSENT = {
  wording: 'I ask for it',
  language: 'en',
  version: '2',
  source: 'a test',
  network: '192.0.2.0/24',
}

export interface EnrollOptions {
  readonly email?: string
  readonly firstName?: string
  readonly rhythm?: Rhythm
  readonly series?: readonly string[]
}

/** Requests an enrollment, as the form does. */
export async function ask(
  { app }: Pick<TestApp, 'app'>,
  {
    email = 'ada@example.com',
    firstName = 'Ada',
    rhythm = BERLIN_SEVEN,
    series = ['inner-wisdom', 'daily-inspiration'],
  }: EnrollOptions = {},
) {
  const address = readAddress(email)
  if (!address) throw new Error(`${email} is no address`)
  const wanted = series.map((slug) => {
    const one = app.series.get(slug)
    if (!one) throw new Error(`there is no series ${slug}`)
    return one
  })
  await app.operator.enroll({ address, firstName, rhythm, series: wanted, consent: CONSENT })
  const subscriber = await app.operator.subscriberByKey(address.key)
  if (!subscriber) throw new Error('nobody was stored')
  return subscriber
}

/** Enrolls and confirms; returns the enrollments, that of the course first. */
export async function enrolled(test: Pick<TestApp, 'app'>, options: EnrollOptions = {}) {
  const subscriber = await ask(test, options)
  const enrollments = await test.app.reader.confirm(subscriber.id, CONSENT)
  const [first, second] = enrollments
  if (!first) throw new Error('nothing was confirmed')
  return { subscriber, first, second, enrollments }
}

/** Moves an enrollment past the last lesson of its course: the remaining ones are skipped. */
export async function skipTheRest({ app, db }: Pick<TestApp, 'app' | 'db'>, id: string) {
  const row = await db
    .selectFrom('enrollments')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  const course = app.series.get(row.series)
  if (course?.kind !== 'course') throw new Error(`${row.series} is no course`)
  const had = await readerDeliveries.had(db, id)
  const rest = course.lessons.filter((lesson) => !had.includes(lesson.id))
  const at = app.now()
  const morning = { on: at.toZonedDateTimeISO(row.zone).toPlainDate(), at, until: at }
  await deliveries.add(
    db,
    rest.map(({ id: item, day }) => ({
      enrollmentId: id,
      series: row.series,
      kind: 'lesson',
      item,
      day,
      morning,
      status: 'skipped',
    })),
    at,
  )
}
