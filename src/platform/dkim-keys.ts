/**
 * Dawnpost's own DKIM keys, made by `dawnpost dkim` and kept in `DATA_DIR/dkim/<domain>`, each in
 * `<selector>.pem`. `selectors.json` next to them names the one that signs.
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import {
  chown,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isSelector } from '../domain/dkim.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { ensureWritable } from './data-dir.ts'

const BITS = 2048
const EXTENSION = '.pem'
const STATE = 'selectors.json'

export interface KeptKeys {
  readonly domain: string
  /** All selectors, sorted by name. */
  readonly selectors: readonly string[]
  /** The selector that signs; null if none does. */
  readonly signs: string | null
  readonly since: Temporal.Instant | null
  readonly retired: Readonly<Record<string, Temporal.Instant>>
}

const folderOf = (dataDir: string, domain: string) => join(dataDir, 'dkim', domain)

/** Returns the path of a kept key. */
export const keptKeyFile = (dataDir: string, domain: string, selector: string) =>
  join(folderOf(dataDir, domain), selector + EXTENSION)

/** Returns the domains that have keys. */
export const keptDomains = (dataDir: string): Promise<string[]> => namesIn(join(dataDir, 'dkim'))

/** Returns what is kept for a domain. Throws a Problem if it cannot be read. */
export async function keptKeys(dataDir: string, domain: string): Promise<KeptKeys> {
  const folder = folderOf(dataDir, domain)
  const names = await namesIn(folder)
  const selectors = names
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => name.slice(0, -EXTENSION.length))
    .filter(isSelector)
  const state = names.includes(STATE) ? await readState(join(folder, STATE)) : NO_STATE
  return { domain, selectors, ...state }
}

const NO_STATE = { signs: null, since: null, retired: {} }

async function readState(file: string) {
  try {
    const { signs, since, retired } = JSON.parse(await readFile(file, 'utf8'))
    if (!isSelector(String(signs))) throw new RangeError('it names no key that signs')
    const until = Object.entries<string>(retired).map(
      ([selector, at]) => [selector, Temporal.Instant.from(at)] as const,
    )
    return {
      signs: String(signs),
      since: Temporal.Instant.from(since),
      retired: Object.fromEntries(until),
    }
  } catch (cause) {
    throw unusable(file, cause)
  }
}

const unusable = (file: string, cause: unknown) =>
  new Problem('unavailable', 'operator.dkim.state', {
    params: { file, cause: messageOf(cause) },
    cause,
  })

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw unusable(folder, cause)
  }
}

/**
 * Creates a key, atomically and readable by its owner only. An existing key is kept.
 *
 * @returns whether it was made now.
 */
export async function makeKey(dataDir: string, domain: string, selector: string): Promise<boolean> {
  if (!(await stat(dataDir).catch(() => null))) await ensureWritable(dataDir)
  // If it is mounted alone, this may be the only writable folder in DATA_DIR.
  await ensureWritable(join(dataDir, 'dkim'))
  await mkdir(folderOf(dataDir, domain), { recursive: true, mode: 0o700 })
  const file = keptKeyFile(dataDir, domain, selector)
  if (await stat(file).catch(() => null)) return false
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: BITS })
  const draft = `${file}.${process.pid}`
  await writeFile(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  await ownedLike(dataDir, [join(dataDir, 'dkim'), folderOf(dataDir, domain), draft])
  try {
    await link(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  } finally {
    await rm(draft)
  }
}

/**
 * Makes a key the one that signs, and retires the one before. Processes read this when they start.
 */
export async function activateKey(
  dataDir: string,
  { domain, selector }: { readonly domain: string; readonly selector: string },
  now: Temporal.Instant,
): Promise<void> {
  const { signs, retired } = await keptKeys(dataDir, domain)
  if (signs === selector) return
  const { [selector]: _, ...otherKeys } = retired
  const state = {
    signs: selector,
    since: now,
    retired: signs === null ? otherKeys : { ...otherKeys, [signs]: now },
  }
  const file = join(folderOf(dataDir, domain), STATE)
  const draft = `${file}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  await ownedLike(dataDir, [draft])
  await rename(draft, file)
}

/**
 * Gives files made by root to the owner of DATA_DIR, since the account that runs the program has to
 * read them.
 */
async function ownedLike(dataDir: string, paths: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(dataDir)
  for (const path of paths) await chown(path, uid, gid)
}

/**
 * Reads a private key that can sign. Throws a RangeError for any other, with a message for people.
 */
export function rsaKeyIn(text: string): KeyObject {
  const key = privateKeyIn(text)
  if (key.asymmetricKeyType !== 'rsa')
    throw new RangeError(
      `the DKIM key is not an RSA key, but ${key.asymmetricKeyType ?? 'another'}; make one with \`dawnpost dkim\``,
    )
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < BITS) throw new RangeError(`the DKIM key has ${bits} bits; it needs ${BITS}`)
  return key
}

function privateKeyIn(text: string): KeyObject {
  if (text.trim() === '') throw new RangeError('the file is empty')
  if (/-----BEGIN (RSA )?PUBLIC KEY-----/.test(text))
    throw new RangeError('it is the public key; the private one signs')
  if (/-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(text))
    throw new RangeError('it is locked with a passphrase')
  try {
    return createPrivateKey(text)
  } catch (cause) {
    throw new RangeError('it is not a private key in PEM form', { cause })
  }
}

/** Returns the value of the TXT record that verifies a private key's signatures. */
export const recordOf = (key: KeyObject): string => {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return `v=DKIM1; k=rsa; p=${der.toString('base64')}`
}

/** Returns the record of a kept key. Throws a Problem if the key cannot sign. */
export async function keptRecord(file: string): Promise<string> {
  try {
    return recordOf(rsaKeyIn(await readFile(file, 'utf8')))
  } catch (cause) {
    throw new Problem('unavailable', 'operator.key.dkim', {
      params: { file, cause: messageOf(cause) },
      cause,
    })
  }
}
