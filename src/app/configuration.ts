/** Connects the settings of a site to their sources. */
import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { readSite } from '../content/site.ts'
import type { Finding } from '../domain/finding.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { type Config, ConfigError, type Env, NAMES, tryConfig } from '../platform/config.ts'
import { masked } from '../platform/masked.ts'
import type { GatheredSettings, Source } from '../platform/setting-sources.ts'
import { SETTINGS } from '../platform/settings.ts'
import { displayPathOf, type Site, type SiteFolder } from '../platform/site-folder.ts'

export interface Configuration {
  readonly site: Site
  /** Null if there are faults. */
  readonly config: Config | null
  /** The usable part of it, even with faults: for diagnosis. */
  readonly usable: Config
  /** Each names what it is about, and what to do. */
  readonly faults: readonly string[]
  readonly gathered: GatheredSettings
  /** The keys in dawnpost.yaml. */
  readonly keys: readonly string[]
  /** Why an existing .env does not count; else null. */
  readonly unread: string | null
}

interface Place {
  readonly env: Env
  readonly folder: SiteFolder
  readonly cwd: string
}

/** Reads all settings of a site, and their faults. */
export async function readConfiguration({ env, folder, cwd }: Place): Promise<Configuration> {
  const [{ settings, faults, keys }, { dotenv, unread }] = await Promise.all([
    readSite(folder.settings),
    readDotenv(folder.env, env),
  ])
  const site = { folder, settings }
  const read = tryConfig(env, { site, dotenv, cwd })
  const lineOf = (finding: Finding) =>
    `${displayPathOf(finding.file, folder.courses, cwd)}:${finding.line}:${finding.column} ${finding.message}`
  const lines = [
    ...faults.map(lineOf),
    ...read.faults.map(({ name, message }) => `${name}: ${message}`),
  ]
  const config = lines.length === 0 ? read.config : null
  const { usable, gathered } = read
  return { site, config, usable, faults: lines, gathered, keys, unread }
}

/** Returns the configuration. Throws ConfigError with all faults. */
export async function loadConfig(place: Place): Promise<Config> {
  const { config, faults } = await readConfiguration(place)
  if (config) return config
  throw new ConfigError(faults)
}

/** A setting in force. */
export interface EffectiveSetting {
  readonly name: string
  /** As it is written, with secrets hidden; null if it is not set and has no default. */
  readonly value: string | null
  readonly from: Source | 'default'
  /** The file it was read from, if a variable names one. */
  readonly file?: string
}

/** Keys of dawnpost.yaml without an environment variable. */
const FILE_ONLY_KEYS = [
  'name',
  'tagline',
  'language',
  'languages',
  'theme',
  'footer',
  'links',
  'rhythm',
  'front',
] as const

/** Returns every setting: those of the environment, then those only in dawnpost.yaml. */
export const effectiveSettings = ({ site, gathered, keys }: Configuration): EffectiveSetting[] => [
  ...NAMES.map((name): EffectiveSetting => {
    const { text, from = 'default' as const, ...more } = gathered.given.get(name) ?? {}
    const value = text === undefined ? defaultOf(name, site) : masked(name, text)
    return { name, value, from, ...more }
  }),
  ...FILE_ONLY_KEYS.map(
    (name): EffectiveSetting => ({
      name,
      value: settingInWords(site.settings[name]),
      from: keys.includes(name) ? 'dawnpost.yaml' : 'default',
    }),
  ),
]

const defaultOf = (name: (typeof NAMES)[number], { folder }: Site) =>
  name === 'DATA_DIR' ? folder.data : settingInWords(SETTINGS.shape[name].parse(undefined))

const settingInWords = (value: unknown): string | null => {
  if (Array.isArray(value)) return value.join(', ') || null
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return text === 'null' || text === '{}' ? null : text
}

/** Returns the environment of a site that is only inspected, with its .env as fallback. */
export const environmentOf = async ({ env, folder }: Omit<Place, 'cwd'>): Promise<Env> => ({
  ...(await readDotenv(folder.env, env)).dotenv,
  ...env,
})

interface Dotenv {
  readonly dotenv?: Env
  readonly unread: string | null
}

/**
 * A .env in the site's folder is for development. One that sets production is meant for what starts
 * production with it, such as Docker Compose.
 */
async function readDotenv(file: string, env: Env): Promise<Dotenv> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null
    throw new Problem('unavailable', 'operator.site.unreadable', {
      params: { file, cause: messageOf(cause) },
      cause,
    })
  })
  if (text === null) return { unread: null }
  if (env.NODE_ENV?.trim() === 'production')
    return { unread: 'NODE_ENV is production: only the environment counts' }
  const dotenv = parseEnv(text)
  if (dotenv.NODE_ENV?.trim() === 'production')
    return { unread: 'it says NODE_ENV=production, and a .env is read in development only' }
  return { dotenv, unread: null }
}
