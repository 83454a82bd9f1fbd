/** What everything else stands on: the database, the queue, a clock and the keys. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { ensureKnownKey } from '../actions/operating/ensure-known-key.ts'
import { openMonitoring } from '../actions/operating/monitoring.ts'
import { SECOND } from '../domain/time.ts'
import type { Catalogs } from '../locales/locale.ts'
import type { Fetch } from '../mail/inbound/providers/amazon.ts'
import { openSandboxClock, type SandboxClock, systemClock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import { type Logger, openLog } from '../platform/log.ts'
import { layersOf } from '../platform/site-folder.ts'
import { type Tracing, UNTRACED } from '../platform/tracing.ts'
import { openQueue } from '../queue/queue.ts'
import type { Work } from '../security/proofs.ts'
import { openSecrets } from '../security/secrets.ts'
import * as stores from '../store/index.ts'
import { openSite, placeFor, queuePrefixAt } from '../store/postgres/site.ts'
import type { Db, openDatabase } from '../store/postgres/sql.ts'
import { existingKeys, masterKeys } from './keys.ts'
import { openSpeech } from './speech.ts'

/** Long enough for a worker that waits for its database, or whose process was held up. */
const LEASE_SECONDS = 60
/** A worker that is killed is missed after this. */
const WORKER_LEASE_SECONDS = 10

export interface AppOptions {
  /** Where the courses are; by default in the site. */
  readonly coursesDir?: string
  /** Where the articles are; by default in the site, and nowhere for courses that are not the site's. */
  readonly articlesDir?: string
  /** Slugs of the series whose mails are tried before they are live; by default those of all. */
  readonly rehearsed?: ReadonlySet<string>
  /** Stands in for the sandbox's own clock: a simulation or a test moves it by hand. */
  readonly clock?: SandboxClock
  /**
   * Another name for its queue on Redis than the one that follows the database: a throw-away app's.
   */
  readonly queuePrefix?: string
  /**
   * Opens the queue when it is first needed, so that what needs none works while its Redis is down.
   */
  readonly queueWhenNeeded?: true | undefined
  readonly log?: Logger
  /** What it does is told there. Whoever opened it closes it. */
  readonly tracing?: Tracing
  /** How long a delivery, and a job, stays with a worker that shows no sign of life. */
  readonly leaseSeconds?: number
  /** Opens what is there and makes nothing, neither database nor key: for what only asks. */
  readonly existing?: true | undefined
  /** What the program says, by language: other words than its own are a test's. */
  readonly catalogs?: Catalogs
  /** The folder where a site words its own sentences; by default it words none. */
  readonly localesDir?: string
  /** BCP 47 tag of the site's own language; by default what its settings say. */
  readonly language?: string
  /** The languages that a visitor has the choice of; by default those of its settings. */
  readonly languages?: readonly string[]
  /** How much work a browser has to show where proof of it is asked for. */
  readonly proofWork?: Partial<Work>
  /** How a page of Amazon's is fetched: by https, unless a test has another. */
  readonly fetchText?: Fetch
  /** How its database is opened: a test lends it connections. */
  readonly openDatabase?: typeof openDatabase
}

export type Ground = Awaited<ReturnType<typeof openGround>>

/**
 * Opens it in order, each part on `opened`, which closes them. Throws a Problem that a person can
 * act on.
 */
export async function openGround(
  config: Config,
  options: AppOptions,
  opened: AsyncDisposableStack,
) {
  const { existing, log = openLog(config.log.level), tracing = UNTRACED } = options
  const lease = {
    worker: `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`,
    seconds: options.leaseSeconds ?? LEASE_SECONDS,
  }
  const workerLease = {
    worker: lease.worker,
    seconds: options.leaseSeconds ?? WORKER_LEASE_SECONDS,
  }
  const monitoring = openMonitoring(lease.worker, tracing)
  const onStatement = monitoring.metrics.statement
  const database = opened.adopt(
    await openSite(config, { existing, log, onStatement, open: options.openDatabase }),
    (database) => database.close(),
  )
  const { db, url: databaseUrl, queueSchema: schema } = database
  const where = await placeFor(db)
  const prefix = options.queuePrefix || queuePrefixAt(where)
  const lock = options.leaseSeconds && { lockMs: options.leaseSeconds * SECOND }
  const queue = opened.adopt(
    await openQueue({ redisUrl: config.redisUrl, databaseUrl, schema, prefix, ...lock }, log, {
      whenNeeded: options.queueWhenNeeded,
    }),
    (queue) => queue.close(),
  )
  const sandbox = config.mail.servers === null
  const clock = options.clock ?? (sandbox ? await sandboxClock(db) : null)
  const now = clock?.now ?? systemClock
  const secrets = openSecrets(await (existing ? existingKeys : masterKeys)(config))
  await ensureKnownKey(secrets.fingerprints, { db, now, stores })
  return {
    config,
    options,
    log,
    trace: tracing.trace,
    lease,
    workerLease,
    monitoring,
    database,
    db,
    where,
    queue,
    sandbox,
    clock,
    now,
    secrets,
    ...spokenBy(config, options),
  }
}

/** What the site speaks, and what of it a visitor may choose, its own language first. */
function spokenBy({ site }: Config, { localesDir, language, languages, catalogs }: AppOptions) {
  const ownLanguage = language ?? site.settings.language
  return {
    locales: openSpeech(localesDir ?? layersOf(site.folder).locales, catalogs),
    languages: [...new Set([ownLanguage, ...(languages ?? site.settings.languages)])],
  }
}

const sandboxClock = (db: Db) =>
  openSandboxClock({
    read: () => stores.sandbox.clockAhead(db),
    write: (aheadMs) => stores.sandbox.moveClock(db, aheadMs),
  })
