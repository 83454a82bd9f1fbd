/**
 * Settings that each database connection starts with, overriding those of the role and the
 * database.
 */

/**
 * Our statements parse instants and dates as ISO 8601, and rely on each statement seeing what was
 * committed before it.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
  // JIT compilation takes a quarter of a second; no statement of ours runs that long.
  jit: 'off',
  // Starting two parallel workers takes 25 ms, even if there is nothing to find.
  max_parallel_workers_per_gather: '0',
}

/**
 * Those that a pooler such as pgbouncer tracks per client and sets on whichever server connection
 * it assigns.
 */
const KEPT_BY_POOLERS = ['timezone', 'datestyle', 'standard_conforming_strings']

/**
 * Returns the URL without its `options`, and those options followed by ours: the last of a name
 * wins.
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

/**
 * Returns the settings as statements, for connections through a pooler, which accepts no options.
 */
export const settingsBehindPooler = () =>
  KEPT_BY_POOLERS.map((name) => `set ${name} = '${SETTINGS[name]}'`).join('; ')

/** Returns the values of `?options=`, as in `postgres://…/db?options=-csearch_path=dawnpost`. */
export const optionsIn = (url: string): string[] => new URL(url).searchParams.getAll('options')

function withoutOptions(url: string): string {
  const bare = new URL(url)
  if (bare.searchParams.has('options')) bare.searchParams.delete('options')
  return bare.href
}
