/** The database of a site: the one that is configured, or the embedded one, brought up to date. */
import type { Config } from '../config.ts'
import { closeToOthers } from '../data-dir.ts'
import { Problem } from '../domain/problem.ts'
import type { Logger } from '../log.ts'
import { openEmbedded } from './embedded.ts'
import { isMigrated, migrate, namesOfMigrations, newerThan } from './migrate.ts'
import { ownSchema, queueSchema } from './schema.ts'
import { shown } from './server.ts'
import { type Database, openDatabase } from './sql.ts'

interface Options {
  /** Opens what is there and makes nothing. */
  readonly existing: true | undefined
  readonly log: Logger
}

export interface Site extends Database {
  readonly url: string
  /** The schema of a queue on this database. */
  readonly queueSchema: string
  /** The migration by which a newer version has changed the database since it was opened; null when none has. */
  newer(): Promise<string | null>
}

/** Throws a Problem when it cannot be reached, or is to exist and does not. */
export async function openSite(
  { databaseUrl, redisUrl, dataDir }: Pick<Config, 'databaseUrl' | 'redisUrl' | 'dataDir'>,
  { existing, log }: Options,
): Promise<Site> {
  await using opened = new AsyncDisposableStack()
  // Now: an upgrade puts other files in the place of ours while we run.
  const known = await namesOfMigrations()
  const url = databaseUrl ?? opened.adopt(await openEmbedded(dataDir, { existing }), (pg) => pg.close()).url
  if (await closeToOthers(dataDir)) {
    log.warn(
      { folder: dataDir },
      'DATA_DIR is open to other accounts and holds other files. Use a folder of its own',
    )
  }
  const onError = (error: Error) => log.warn({ err: error }, 'the database reports an error')
  const database = opened.adopt(await openDatabase(url, onError), (one) => one.close())
  const where = shown(url)
  const schema = await ownSchema(database, { where, existing })
  if (existing && !(await isMigrated(database.db))) {
    const [place, name] = databaseUrl
      ? [`The database at ${where}`, 'DATABASE_URL']
      : [`The database in DATA_DIR ${dataDir}`, 'DATA_DIR or the DATABASE_URL']
    const what = `${place} is empty. Set the ${name} of your site, or run "npm start" with this one once.`
    throw new Problem('not_found', what)
  }
  await migrate(database.db)
  const ofQueue = redisUrl ? '' : await queueSchema(database, { where, schema })
  const held = opened.move()
  return {
    ...{ ...database, url, queueSchema: ofQueue },
    newer: () => newerThan(known, database.db),
    close: () => held.disposeAsync(),
  }
}
