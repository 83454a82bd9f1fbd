/** What is behind a database's address: asked once, before anything else is done with it. */
import pg from 'pg'
import { type VersionFault, versionFault } from '../../domain/database-version.ts'
import { messageOf, Problem } from '../../domain/problem.ts'
import type { Key, Params } from '../../locales/locale.ts'
import { optionsIn } from '../../platform/database-url.ts'

export interface Server {
  /**
   * Whether a pooler such as pgbouncer is in between. It may use another connection for each
   * transaction, so that nothing can be left on one: no named statement, no setting, no lock and no
   * LISTEN.
   */
  readonly pooled: boolean
  /**
   * Where tables are created: the first schema of the search path that exists; null if none does.
   */
  readonly schema: string | null
  readonly path: string
  /** The first schema of the search path, whether it exists or not. */
  readonly wanted: string
  readonly role: string
}

/** Returns the address without its credentials. */
export function withoutCredentials(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}${port && `:${port}`}${pathname}`
}

/** Asks the server. Throws a Problem if it cannot be reached, or is none that Dawnpost can use. */
export async function inspectServer(url: string): Promise<Server> {
  const answer = await queryServer(url)
  const refusal = whyUnusable(answer, url)
  if (refusal) throw refusal
  const { pooled, schema, role, path } = answer
  return { pooled, schema, role, path, wanted: firstOf(path, role) }
}

interface ServerAnswer {
  readonly pooled: boolean
  readonly schema: string | null
  readonly role: string
  readonly path: string
  readonly version: number
  readonly encoding: string
  readonly isolation: string
  readonly readOnly: boolean
}

const QUESTION = `select pg_backend_pid() as pid, current_schema() as schema, current_user as role,
  current_setting('search_path') as path, current_setting('server_version_num')::int as version,
  current_setting('server_encoding') as encoding,
  current_setting('default_transaction_isolation') as isolation,
  current_setting('transaction_read_only') = 'on' as "readOnly"`

async function queryServer(url: string): Promise<ServerAnswer> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query(QUESTION)
    // PostgreSQL tells each connection its process's id; a pooler makes one up.
    return {
      ...rows[0],
      pooled: rows[0].pid !== (client as unknown as { processID: number }).processID,
    }
  } catch (cause) {
    const [why, where] = [messageOf(cause), withoutCredentials(url)]
    throw why.includes('startup parameter: options')
      ? new Problem('unavailable', NO_OPTIONS, { params: { where }, cause })
      : new Problem('unavailable', 'operator.database.unreachable', {
          params: { where, cause: why.replace(/\.$/, '') },
          cause,
        })
  } finally {
    await client.end().catch(() => {})
  }
}

const NO_OPTIONS = 'operator.database.pooler-options' satisfies Key

const FAULTS = {
  too_old: 'operator.database.too-old',
  loses_rows: 'operator.database.loses-rows',
} as const satisfies Record<VersionFault, Key>

const nameOf = (version: number) => `${Math.floor(version / 10_000)}.${version % 10_000}`

function whyUnusable(
  { pooled, version, encoding, isolation, readOnly }: ServerAnswer,
  url: string,
): Problem | null {
  const refused = (key: Key, params: Params = {}) =>
    new Problem('unavailable', key, { params: { where: withoutCredentials(url), ...params } })
  const fault = versionFault(version)
  if (fault) return refused(FAULTS[fault], { version: nameOf(version) })
  if (encoding !== 'UTF8') return refused('operator.database.encoding', { encoding })
  if (pooled && optionsIn(url).length > 0) return refused(NO_OPTIONS)
  if (pooled && isolation !== 'read committed')
    return refused('operator.database.pooler-isolation', { isolation })
  return readOnly ? refused('operator.database.read-only') : null
}

/** Returns the first name of a search path, as PostgreSQL writes it: `"my schema", public`. */
function firstOf(path: string, role: string): string {
  const [, quoted, bare = 'public'] = /^\s*(?:"((?:[^"]|"")*)"|([^,\s]+))/.exec(path) ?? []
  return (quoted ?? bare).replaceAll('""', '"').replace(/^\$user$/, role)
}
