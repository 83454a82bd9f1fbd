import { randomBytes } from 'node:crypto'
import {
  access,
  chmod,
  constants,
  link,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, Problem } from '../domain/problem.ts'

/**
 * Creates the folder, closed to other accounts, if it is missing. Throws a Problem if it is not
 * writable.
 */
export async function ensureWritable(folder: string): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true })
    await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new Problem('unavailable', 'operator.data-dir.closed', {
      params: { folder, cause: messageOf(cause) },
      cause,
    })
  }
}

/** What Dawnpost itself puts there, and what a fresh volume contains. */
const OURS = /^(postgres|postgres\..*|secret\.key.*|lineage|in-flight|dkim|lost\+found)$/

/**
 * Closes the folder to other accounts if this account owns it and it holds only Dawnpost's files,
 * as folders made by earlier versions do.
 *
 * @returns whether others can still look in.
 */
export async function closeToOthers(folder: string): Promise<boolean> {
  const info = await stat(folder).catch(() => null)
  if (!info?.isDirectory() || (info.mode & 0o077) === 0 || process.platform === 'win32')
    return false
  const isOurs =
    info.uid === process.getuid?.() && (await readdir(folder)).every((name) => OURS.test(name))
  if (isOurs) await chmod(folder, 0o700)
  return !isOurs
}

const MIN_SECRET_LENGTH = 16

/**
 * Returns the secret in a file that only its owner may read. The first call creates the file,
 * atomically.
 */
export async function loadOrCreateSecret(file: string, make: () => string): Promise<string> {
  await ensureWritable(dirname(file))
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(draft, `${make()}\n`, { mode: 0o600 })
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  return secretIn(file)
}

/** Returns the secret kept in a file. Throws a Problem if there is none. */
export async function secretIn(file: string): Promise<string> {
  const secret = (await readFile(file, 'utf8')).trim()
  if (secret.length < MIN_SECRET_LENGTH)
    throw new Problem('unavailable', 'operator.key.empty', { params: { file } })
  return secret
}
