/** Backups of a site in one file: its database, and the key that signs its links where that is kept beside it. */
import { createReadStream, createWriteStream } from 'node:fs'
import { access, link, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { Config } from './config.ts'
import { keptSecret } from './data-dir.ts'
import { messageOf, Problem } from './domain/problem.ts'
import type { Logger } from './log.ts'
import { dump, load } from './store/dump.ts'
import { openEmbedded } from './store/embedded.ts'
import { ownSchema } from './store/schema.ts'
import { shown } from './store/server.ts'
import { openSite } from './store/site.ts'
import { openDatabase } from './store/sql.ts'

const FORMAT = 1
const END = '{"end":true}'

interface Head {
  readonly dawnpost?: number
  readonly madeAt?: string
  /** Null where SECRET_KEY is set: it is kept elsewhere. */
  readonly key?: string | null
}

const keyFile = ({ dataDir }: Pick<Config, 'dataDir'>) => join(dataDir, 'secret.key')

/** Writes all of a site to a new file that its owner alone can read. The site may be running. Throws a Problem when it cannot. */
export async function backUp(
  config: Config,
  { file, now, log }: { file: string; now: Temporal.Instant; log: Logger },
): Promise<void> {
  await using site = await adopt(await openSite(config, { existing: true, log }))
  const draft = `${file}.part`
  const key = config.secretKeys.length > 0 ? null : (await readFile(keyFile(config), 'utf8')).trim()
  async function* lines() {
    yield `${JSON.stringify({ dawnpost: FORMAT, madeAt: String(now), key } satisfies Head)}\n`
    for await (const line of dump(site.pool)) yield `${line}\n`
    yield `${END}\n`
  }
  try {
    const out = createWriteStream(draft, { mode: 0o600, flush: true })
    await pipeline(Readable.from(lines()), createGzip(), out)
    // Unlike a move, it does not replace an earlier one.
    await link(draft, file)
  } catch (cause) {
    throw new Problem('unavailable', `The backup ${file} cannot be written: ${messageOf(cause)}.`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
}

/** Fills an empty database, or a DATA_DIR without one, from a backup. Throws a Problem when it cannot; all is as it was then. */
export async function restore(
  config: Config,
  file: string,
  now: Temporal.Instant,
): Promise<{ rows: number; madeAt: string }> {
  const { head, rest } = await opened(file)
  await expectKey(config, head)
  const url = config.databaseUrl
  await using server = await adopt(url === null ? await openEmbedded(config.dataDir) : null)
  await using database = await adopt(await openDatabase(url ?? server.url, () => {}))
  await ownSchema(database, { where: shown(url ?? server.url), existing: undefined })
  const rows = await load(database.db, rest, now)
  if (head.key && config.secretKeys.length === 0) await keptSecret(keyFile(config), () => head.key ?? '')
  return { rows, madeAt: head.madeAt ?? '' }
}

/** A key that is there is not replaced: mails that were sent are signed with it. */
async function expectKey(config: Config, { key }: Head): Promise<void> {
  if (config.secretKeys.length > 0) return
  const file = keyFile(config)
  const kept = await readFile(file, 'utf8').catch(() => null)
  if (!key && kept === null) {
    throw new Problem(
      'invalid',
      'This backup holds no key, since SECRET_KEY was set. Set the same SECRET_KEY.',
    )
  }
  if (key && kept !== null && kept.trim() !== key) {
    const what = `${file} holds another key than the backup. Move it away, or use an empty DATA_DIR.`
    throw new Problem('invalid', what)
  }
}

async function opened(file: string): Promise<{ head: Head; rest: AsyncIterable<string> }> {
  await access(file).catch((cause) => {
    throw new Problem('not_found', `The backup ${file} cannot be read: ${messageOf(cause)}.`, { cause })
  })
  const lines = linesOf(file)
  const first = await lines.next()
  const head = first.value ? (JSON.parse(first.value) as Head) : {}
  if (head.dawnpost !== FORMAT) throw new Problem('invalid', `${file} is no backup of Dawnpost.`)
  return { head, rest: lines }
}

/** Ends with an error when the file does: what is written last is missing then. */
async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  let rest = ''
  let isWhole = false
  try {
    for await (const text of createReadStream(file).pipe(createGunzip()).setEncoding('utf8')) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === END) isWhole = true
        else yield line
      }
    }
  } catch (cause) {
    if (cause instanceof Problem || !/zlib|header|file|data|Z_/i.test(messageOf(cause))) throw cause
    throw new Problem('invalid', `${file} is no backup of Dawnpost, or it is damaged.`, { cause })
  }
  if (!isWhole) throw new Problem('invalid', `${file} is no backup of Dawnpost, or its end is missing.`)
}

/** Has what is closed be disposed of; null for what was not opened. */
async function adopt<T extends { close(): Promise<void> } | null>(one: T) {
  return { ...one, [Symbol.asyncDispose]: async () => one?.close() } as NonNullable<T> & AsyncDisposable
}
