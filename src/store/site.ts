/** The database of a site: the one that is configured, or the embedded one, brought up to date. */
import type { Config } from '../config.ts'
import { closeToOthers } from '../data-dir.ts'
import { Problem } from '../domain/problem.ts'
import type { Logger } from '../log.ts'
import { openEmbedded } from './embedded.ts'
import { isMigrated, migrate } from './migrate.ts'
import { type Database, openDatabase, shown } from './sql.ts'

interface Options {
  /** Opens what is there and makes nothing. */
  readonly existing: true | undefined
  readonly log: Logger
  readonly onStatement?: (text: string, seconds: number) => void
}

export interface Site extends Database {
  readonly url: string
}

/** Throws a Problem when it cannot be reached, or is to exist and does not. */
export async function openSite(
  { databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>,
  { existing, log, onStatement }: Options,
): Promise<Site> {
  await using opened = new AsyncDisposableStack()
  const url = databaseUrl ?? opened.adopt(await openEmbedded(dataDir, { existing }), (pg) => pg.close()).url
  if (await closeToOthers(dataDir)) {
    log.warn(
      { folder: dataDir },
      'DATA_DIR is open to other accounts and holds other files. Use a folder of its own',
    )
  }
  const onError = (error: Error) => log.warn({ err: error }, 'the database reports an error')
  const database = opened.adopt(await openDatabase(url, onError, onStatement), (one) => one.close())
  if (existing && !(await isMigrated(database.db))) {
    const [where, name] = databaseUrl
      ? [`The database at ${shown(url)}`, 'DATABASE_URL']
      : [`The database in DATA_DIR ${dataDir}`, 'DATA_DIR or the DATABASE_URL']
    const what = `${where} is empty. Set the ${name} of your site, or run "npm start" with this one once.`
    throw new Problem('not_found', what)
  }
  await migrate(database.db)
  const held = opened.move()
  return { ...database, url, close: () => held.disposeAsync() }
}
