/** The database of a site: the configured one, or the embedded one, brought up to date. */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { Problem } from '../../domain/problem.ts'
import { SECOND } from '../../domain/time.ts'
import type { Config } from '../../platform/config.ts'
import { closeToOthers } from '../../platform/data-dir.ts'
import { openIntervalLimiter } from '../../platform/interval-limiter.ts'
import type { Logger } from '../../platform/log.ts'
import { openEmbedded } from './embedded.ts'
import { isMigrated, migrate, namesOfMigrations, newerThan } from './migrate.ts'
import { ownSchema, queueSchema } from './schema.ts'
import { withoutCredentials } from './server.ts'
import { type Database, type Db, openDatabase } from './sql.ts'

interface Options {
  /** Opens what exists and creates nothing. */
  readonly existing: true | undefined
  readonly log: Logger
  readonly onStatement?: (text: string, seconds: number) => void
  readonly queryTimeoutMs?: number
  /** Opens the pool; `openDatabase` by default. */
  readonly open?: typeof openDatabase | undefined
}

export interface DatabaseSite extends Database {
  readonly url: string
  /** The schema of a queue on this database. */
  readonly queueSchema: string
  /**
   * Returns the migration by which a newer version has changed the database since it was opened;
   * null if none has.
   */
  newer(): Promise<string | null>
}

type DatabaseSettings = Pick<Config, 'databaseUrl' | 'databaseConnections' | 'redisUrl' | 'dataDir'>

/** Interval between the progress messages of a long step. */
const LOG_INTERVAL_MS = 5 * SECOND

/** Throws a Problem if it cannot be reached, or should exist and does not. */
export async function openSite(place: DatabaseSettings, options: Options): Promise<DatabaseSite> {
  await using opened = new AsyncDisposableStack()
  // Now: an upgrade may replace the files while this process runs.
  const known = await namesOfMigrations()
  const database = opened.adopt(await openWithoutMigrating(place, options), (database) =>
    database.close(),
  )
  const { db, url, schema } = database
  const logLimiter = openIntervalLimiter(LOG_INTERVAL_MS)
  await migrate(db, ({ what, done, of }) => {
    if (logLimiter(what) !== null || done === of)
      options.log.info({ what, done, of }, 'the database is being migrated')
  })
  const where = { where: withoutCredentials(url), schema, existing: options.existing }
  const ofQueue = place.redisUrl ? '' : await queueSchema(database, where)
  const held = opened.move()
  return {
    ...database,
    url,
    queueSchema: ofQueue,
    newer: () => newerThan(known, db),
    close: () => held.disposeAsync(),
  }
}

/** Like `openSite`, without bringing it up to date. */
export async function openWithoutMigrating(
  { databaseUrl, databaseConnections: connections, dataDir }: Omit<DatabaseSettings, 'redisUrl'>,
  { existing, log, onStatement, queryTimeoutMs, open = openDatabase }: Options,
): Promise<Database & { url: string; schema: string }> {
  await using opened = new AsyncDisposableStack()
  const url =
    databaseUrl ?? opened.adopt(await openEmbedded(dataDir, { existing }), (pg) => pg.close()).url
  if (await closeToOthers(dataDir)) {
    log.warn(
      { folder: dataDir },
      'DATA_DIR is open to other accounts and contains other files; use a separate folder for it',
    )
  }
  const onError = (error: Error) => log.warn({ err: error }, 'the database reports an error')
  const database = opened.adopt(
    await open(url, onError, { connections, onStatement, queryTimeoutMs }),
    (database) => database.close(),
  )
  const where = withoutCredentials(url)
  const schema = await ownSchema(database, { where, existing })
  if (existing && !(await isMigrated(database.db))) {
    throw databaseUrl
      ? new Problem('not_found', 'operator.database.empty', { params: { where } })
      : new Problem('not_found', 'operator.database.empty-embedded', {
          params: { folder: dataDir },
        })
  }
  const held = opened.move()
  return { ...database, url, schema, close: () => held.disposeAsync() }
}

/**
 * Returns the prefix of this database's jobs in Redis: another for each database, so that
 * installations may share one, and the same for all processes, whatever host name they know the
 * database by. A copy of the database on another server has another. Jobs under an earlier prefix
 * are lost without harm: the sweep queues their deliveries again. The braces are a hash tag: in a
 * Redis Cluster all keys of the queue are on one node.
 */
export const queuePrefixAt = (place: string): string => `{dawnpost-${place}}`

/**
 * Returns a short name of where a database is: a hash of the server, and of the database and the
 * schema on it. A copy is in another place.
 */
export async function placeFor(db: Db): Promise<string> {
  const place = sql<string>`concat_ws('/', current_database(), current_schema(),
    (select oid from pg_database where datname = current_database()))`
  const { rows } = await sql<{ database: string; may: boolean }>`
    select ${place} as database, has_function_privilege('pg_control_system()',
      'execute') as may`.execute(db)
  const server = rows[0]?.may
    ? await sql<{
        id: string
      }>`select system_identifier::text as id from pg_control_system()`.execute(db)
    : null
  const hash = createHash('sha256')
    .update(`${server?.rows[0]?.id}/${rows[0]?.database}`)
    .digest('hex')
  return hash.slice(0, 12)
}
