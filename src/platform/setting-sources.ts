/**
 * The sources of settings: the environment, files that it names, the site's .env and its
 * dawnpost.yaml. The first of these wins.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf } from '../domain/problem.ts'
import type { SiteSettings } from '../domain/site.ts'
import type { Env } from './config-values.ts'

export type Source = 'environment' | 'file' | '.env' | 'dawnpost.yaml'

export interface SettingValue {
  readonly text: string
  readonly from: Source
  /** The file it was read from, if a variable names one. */
  readonly file?: string
}

export interface GatheredSettings {
  readonly given: ReadonlyMap<string, SettingValue>
  /** Settings given in a wrong way; these are not in `given`. */
  readonly faults: readonly Fault[]
}

export interface Fault {
  readonly name: string
  readonly message: string
}

/** Suffix of variables that name a file. */
const IN_FILE = '_FILE'

interface Layer {
  readonly from: Source
  readonly env: Env
  /** Base of the relative paths in it. */
  readonly folder: string
}

export interface SettingSources {
  readonly env: Env
  /** The working folder. */
  readonly cwd: string
  /** The file .env, and its folder. */
  readonly dotenv?: { readonly env: Env; readonly folder: string } | undefined
  readonly site: SiteSettings
}

/** Returns what is given for the settings with these names. */
export function gatherSettings(
  names: readonly string[],
  { env, cwd, dotenv, site }: SettingSources,
): GatheredSettings {
  const layers: Layer[] = [
    { from: 'environment', env, folder: cwd },
    ...(dotenv ? [{ from: '.env' as const, ...dotenv }] : []),
    { from: 'dawnpost.yaml', env: siteVariables(site), folder: cwd },
  ]
  const given = new Map<string, SettingValue>()
  const faults: Fault[] = []
  for (const name of names) {
    const layer = layers.find(
      (candidate) => candidate.env[name]?.trim() || candidate.env[name + IN_FILE]?.trim(),
    )
    if (!layer) continue
    try {
      given.set(name, readFrom(layer, name))
    } catch (error) {
      faults.push({ name, message: messageOf(error) })
    }
  }
  return { given, faults }
}

/** Settings that dawnpost.yaml may give instead of the environment. */
const siteVariables = ({ url, sender, replyTo, postalAddress }: SiteSettings): Env => ({
  PUBLIC_URL: url,
  MAIL_FROM: sender,
  REPLY_TO: replyTo,
  POSTAL_ADDRESS: postalAddress,
})

/** Throws a RangeError that says what is wrong, without the file's contents. */
function readFrom({ from, env, folder }: Layer, name: string): SettingValue {
  const text = env[name]?.trim()
  const named = env[name + IN_FILE]?.trim()
  if (!named) return { text: inFolder(name, text ?? '', { from, folder }), from }
  if (text) throw new RangeError(`is set, and so is ${name}${IN_FILE}; use one of them`)
  const file = resolve(folder, named)
  const read = contentOf(file, name)
  if (!read) throw new RangeError(`${name}${IN_FILE} names ${file}, which is empty`)
  return { text: read, from: 'file', file }
}

function contentOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const { code = messageOf(cause) } = cause as NodeJS.ErrnoException
    throw new RangeError(`${name}${IN_FILE} names ${file}, which cannot be read (${code})`)
  }
}

/** A site's .env means the same wherever the program is started. */
const inFolder = (name: string, text: string, { from, folder }: Omit<Layer, 'env'>) =>
  name === 'DATA_DIR' && from === '.env' ? resolve(folder, text) : text
