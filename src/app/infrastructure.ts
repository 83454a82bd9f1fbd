/** The foundation of everything else: the database, the queue, a clock and the keys. */
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
import type { Difficulty } from '../security/proof-of-work.ts'
import { openSecrets } from '../security/secrets.ts'
import * as stores from '../store/index.ts'
import { openSite, placeFor, queuePrefixAt } from '../store/postgres/site.ts'
import type { Db, openDatabase } from '../store/postgres/sql.ts'
import { existingKeys, masterKeys } from './keys.ts'
import { openSiteLocales } from './site-locales.ts'

/** Long enough for a worker that waits for its database, or whose process was stalled. */
const LEASE_SECONDS = 60
/** After this, a killed worker counts as gone. */
const WORKER_LEASE_SECONDS = 10

export interface AppOptions {
  /** The folder of courses; by default the site's. */
  readonly coursesDir?: string
  /** The folder of articles; by default the site's, and none if the courses are not the site's. */
  readonly articlesDir?: string
  /** Slugs of the series whose mails are rehearsed before they go live; by default all. */
  readonly rehearsed?: ReadonlySet<string>
  /** Replaces the sandbox clock: a simulation or a test moves it by hand. */
  readonly clock?: SandboxClock
  /** A queue name on Redis for throwaway apps, instead of the one derived from the database. */
  readonly queuePrefix?: string
  /** Opens the queue on first use, so that what needs none works while Redis is down. */
  readonly queueWhenNeeded?: true | undefined
  readonly log?: Logger
  /** Receives traces of what the app does. The caller closes it. */
  readonly tracing?: Tracing
  /** Seconds that a delivery or a job stays with a worker that shows no sign of life. */
  readonly leaseSeconds?: number
  /** Opens what exists and creates neither database nor key: for read-only commands. */
  readonly existing?: true | undefined
  /** The program's sentences, by language: tests may replace them. */
  readonly catalogs?: Catalogs
  /** The folder of a site's own sentences; by default there are none. */
  readonly localesDir?: string
  /** BCP 47 tag of the site's own language; by default that of its settings. */
  readonly language?: string
  /** The languages that a visitor may choose from; by default those of its settings. */
  readonly languages?: readonly string[]
  /** The amount of work in a proof of work that a browser has to show. */
  readonly proofWork?: Partial<Difficulty>
  /** Fetches a page from Amazon: by https, unless a test replaces it. */
  readonly fetchText?: Fetch
  /** Opens its database: tests lend it connections. */
  readonly openDatabase?: typeof openDatabase
}

export type Infrastructure = Awaited<ReturnType<typeof openInfrastructure>>

/**
 * Opens the parts in order, each on `opened`, which closes them. Throws a Problem that a person can
 * act on.
 */
export async function openInfrastructure(
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
    ...openLanguages(config, options),
  }
}

/** The site's sentences, and the languages that a visitor may choose from, its own first. */
function openLanguages(
  { site }: Config,
  { localesDir, language, languages, catalogs }: AppOptions,
) {
  const ownLanguage = language ?? site.settings.language
  return {
    locales: openSiteLocales(localesDir ?? layersOf(site.folder).locales, catalogs),
    languages: [...new Set([ownLanguage, ...(languages ?? site.settings.languages)])],
  }
}

const sandboxClock = (db: Db) =>
  openSandboxClock({
    read: () => stores.sandbox.clockAhead(db),
    write: (aheadMs) => stores.sandbox.moveClock(db, aheadMs),
  })
