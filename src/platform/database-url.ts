/**
 * What each connection to a database starts with, whatever its role or the database itself is set
 * to.
 */

/**
 * Our statements read instants and dates in ISO 8601, and count on each statement seeing what was
 * committed before it.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
  // To compile a statement takes a quarter of a second; none of ours runs for so long.
  jit: 'off',
  // To begin two processes takes 25 ms, even where there is nothing to find.
  max_parallel_workers_per_gather: '0',
}

/**
 * Those of them that a pooler, such as pgbouncer, keeps with the client and sets on whichever
 * connection it lends.
 */
const KEPT_BY_POOLERS = ['timezone', 'datestyle', 'standard_conforming_strings']

/**
 * The address without its `options`, and the options with ours behind them: the last of a name
 * counts.
 */
export function connectionFor(url: string): {
  readonly connectionString: string
  readonly options: string
} {
  const settings = Object.entries(SETTINGS).map(
    ([name, value]) => `-c ${name}=${value.replace(' ', '\\ ')}`,
  )
  const options = [...optionsIn(url), ...settings].join(' ')
  return { connectionString: withoutOptions(url), options }
}

/** The settings as statements, for a connection through a pooler: it takes no options. */
export const settingsBehindPooler = () =>
  KEPT_BY_POOLERS.map((name) => `set ${name} = '${SETTINGS[name]}'`).join('; ')

/** What stands in `?options=`, as in `postgres://…/db?options=-csearch_path=dawnpost`. */
export const optionsIn = (url: string): string[] => new URL(url).searchParams.getAll('options')

function withoutOptions(url: string): string {
  const bare = new URL(url)
  if (bare.searchParams.has('options')) bare.searchParams.delete('options')
  return bare.href
}
