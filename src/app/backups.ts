/**
 * Backups of a site in one file: its database, and the key that signs its links, if it is kept in
 * DATA_DIR.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { constants, copyFile, link, readFile, rm } from 'node:fs/promises'
import { pipeline as chain, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { messageOf, Problem } from '../domain/problem.ts'
import type { Config } from '../platform/config.ts'
import { loadOrCreateSecret } from '../platform/data-dir.ts'
import type { Logger } from '../platform/log.ts'
import { dump, load } from '../store/dump.ts'
import { ensureNotNewer } from '../store/postgres/migrate.ts'
import { openWithoutMigrating } from '../store/postgres/site.ts'
import { existingKeys, keyFile } from './keys.ts'

const FORMAT = 1
const END = '{"end":true}'

interface BackupHead {
  readonly dawnpost?: number
  readonly madeAt?: string
  /** Null if SECRET_KEY is set: the key is kept elsewhere. */
  readonly key?: string | null
}

interface BackupTerms {
  readonly file: string
  readonly now: Temporal.Instant
  readonly log: Logger
}

/**
 * Writes a whole site to a new file that only its owner can read. The site may be running and is
 * not changed: a database of an earlier version is not migrated. Throws a Problem if it fails.
 */
export async function backUp(config: Config, { file, now, log }: BackupTerms): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const site = stack.adopt(await openWithoutMigrating(config, { existing: true, log }), (site) =>
    site.close(),
  )
  await ensureNotNewer(site.db)
  const [key = null] = config.secretKeys.length > 0 ? [] : await existingKeys(config)
  async function* lines() {
    yield `${JSON.stringify({ dawnpost: FORMAT, madeAt: String(now), key } satisfies BackupHead)}\n`
    for await (const line of dump(site.pool)) yield `${line}\n`
    yield `${END}\n`
  }
  const draft = `${file}.${process.pid}.part`
  try {
    // Checked before hours of work; `place` checks again.
    if (existsSync(file)) throw taken(file)
    const out = createWriteStream(draft, { mode: 0o600, flush: true })
    await pipeline(Readable.from(lines()), createGzip(), out)
    await place(draft, file)
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    throw new Problem('unavailable', 'operator.backup.not-written', {
      params: { file, cause: messageOf(cause) },
      cause,
    })
  } finally {
    await rm(draft, { force: true })
  }
}

const taken = (file: string, cause?: unknown) =>
  new Problem('unavailable', 'operator.backup.taken', { params: { file }, cause })

/**
 * Unlike a move, a link does not replace an earlier file. Some backup drives do not support links.
 */
const place = (draft: string, file: string) =>
  link(draft, file)
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error
      return copyFile(draft, file, constants.COPYFILE_EXCL)
    })
    .catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? taken(file, error) : error
    })

/**
 * Fills an empty database, or a DATA_DIR without one, from a backup. Throws a Problem if it cannot;
 * nothing has changed then, except that an empty database may have been created in DATA_DIR.
 *
 * @returns how many rows, and when the backup was made.
 */
export async function restore(
  config: Config,
  { file, now, log }: BackupTerms,
): Promise<{ rows: number; madeAt: string }> {
  const head = await headOf(file)
  await using opened = new AsyncDisposableStack()
  await using undo = new AsyncDisposableStack()
  if (await restoreKey(config, head)) undo.defer(() => rm(keyFile(config)))
  const site = opened.adopt(
    await openWithoutMigrating(config, { existing: undefined, log }),
    (site) => site.close(),
  )
  const lines = linesOf(file)
  opened.defer(() => void lines.return())
  await lines.next()
  const rows = await load(site.db, lines, now)
  undo.move()
  return { rows, madeAt: head.madeAt ?? '' }
}

/**
 * Keeps the key of the backup if there is none. An existing key is not replaced, since mails
 * already sent are signed with it.
 */
async function restoreKey(config: Config, { key }: BackupHead): Promise<boolean> {
  const given = config.secretKeys
  if (given.length > 0 && (!key || given.includes(key))) return false
  if (given.length > 0) {
    throw new Problem('unavailable', 'operator.backup.key-configured', {
      params: { folder: config.dataDir },
    })
  }
  const file = keyFile(config)
  const keyText = await readFile(file, 'utf8').catch(() => null)
  if (keyText === null && !key) throw new Problem('unavailable', 'operator.backup.key-elsewhere')
  if (keyText !== null && key && keyText.trim() !== key)
    throw new Problem('unavailable', 'operator.backup.key-kept', { params: { file } })
  if (keyText === null) await loadOrCreateSecret(file, () => key ?? '')
  return keyText === null
}

/** Reads the whole file, so that nothing is touched if it is incomplete. */
async function headOf(file: string): Promise<BackupHead> {
  let head: BackupHead | null = null
  for await (const line of linesOf(file)) head ??= parseHead(line, file)
  return head ?? parseHead('', file)
}

function parseHead(line: string, file: string): BackupHead {
  try {
    const head = JSON.parse(line)
    if (head?.dawnpost === FORMAT) return head
  } catch {
    // Reported below.
  }
  throw new Problem('unavailable', 'operator.backup.not-ours', { params: { file } })
}

/**
 * Yields the lines of the file. Throws a Problem if the file is cut short: the end mark is missing
 * then.
 */
async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  let tail = ''
  let isWhole = false
  try {
    const text = chain(createReadStream(file), createGunzip(), () => {}).setEncoding('utf8')
    for await (const part of text) {
      const lines = (tail + part).split('\n')
      tail = lines.pop() ?? ''
      for (const line of lines) {
        if (line === END) isWhole = true
        else yield line
      }
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    const { code = '' } = cause as NodeJS.ErrnoException
    const key = code.startsWith('Z_') ? 'operator.backup.damaged' : 'operator.backup.unreadable'
    throw new Problem('not_found', key, { params: { file, cause: messageOf(cause) }, cause })
  }
  if (!isWhole) throw new Problem('not_found', 'operator.backup.cut', { params: { file } })
}
