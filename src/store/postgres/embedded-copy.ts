/** A copy of PostgreSQL's programs, owned by root, in a place that every account can reach. */
import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Files that are not needed to run them. */
const SUPERFLUOUS = /\.a$|(^|\/)(pkgconfig|include|doc|man)\//

/**
 * Returns the copy of `native` in `place`; makes one if there is none, or if the existing one is
 * not identical to the last byte. All of it is root's, and nobody else can write to it or to any
 * folder above, so that no other account can slip in a program. Any number of programs may call
 * this at a time: none loses the copy it was given. Throws if the place cannot be used on these
 * terms.
 */
export async function ensureCopy(native: string, place: string): Promise<string> {
  await ensureSafePlace(place)
  const wanted = await folderDigest(native)
  const { version } = JSON.parse(
    await readFile(join(native, '../package.json'), 'utf8').catch(() => '{}'),
  )
  const name = `postgresql-${version ?? 'unknown'}-${wanted.slice(0, 12)}`
  const [copies, broken] = await findCopies(place, name, wanted)
  const copy = copies[0] ?? (await makeCopy(native, { copy: join(place, name), wanted, broken }))
  // Only now: a name may be reused only while a true copy exists under another.
  for (const each of broken) await remove(each)
  return copy
}

/**
 * Returns the true copies of this name, and the broken ones: tampered with, or left half removed by
 * a cleanup. A folder cannot replace another in one step, so the next copy takes the next number
 * instead.
 */
async function findCopies(
  place: string,
  name: string,
  wanted: string,
): Promise<[string[], string[]]> {
  const numbers = (await readdir(place))
    .map((entry) =>
      entry === name ? 1 : entry.startsWith(`${name}-`) ? Number(entry.slice(name.length + 1)) : 0,
    )
    .filter((number) => Number.isSafeInteger(number) && number > 0)
    .sort((a, b) => a - b)
  const [copies, broken]: [string[], string[]] = [[], []]
  for (const number of numbers) {
    const copy = numbered(join(place, name), number)
    if (await isIntact(copy, wanted)) copies.push(copy)
    else broken.push(copy)
  }
  return [copies, broken]
}

const numbered = (copy: string, number: number) => (number === 1 ? copy : `${copy}-${number}`)

interface Making {
  readonly copy: string
  readonly wanted: string
  /** Names about to be removed, by this or another program. */
  readonly broken: readonly string[]
}

/**
 * Makes a copy under the first number that is free, or returns the true one that another program
 * has put there meanwhile.
 */
async function makeCopy(native: string, { copy, wanted, broken }: Making): Promise<string> {
  const draft = `${copy}.${randomBytes(4).toString('hex')}`
  try {
    await copyFiles(native, draft)
    for (let number = 1; ; number++) {
      const free = numbered(copy, number)
      if (broken.includes(free)) continue
      const cause = await rename(draft, free).catch((error: NodeJS.ErrnoException) => error)
      if (!cause || (await isIntact(free, wanted))) return free
      if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST' && cause.code !== 'ENOTDIR')
        throw cause
    }
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Moves it out of the way first, whole, so that nobody finds half of it. */
async function remove(broken: string) {
  const aside = `${broken}.${randomBytes(4).toString('hex')}`
  // Another program may have removed it already.
  await rename(broken, aside).catch(() => {})
  await rm(aside, { recursive: true, force: true })
}

/**
 * Creates the place if it is missing. Throws if somebody other than root could change what is in
 * it.
 */
async function ensureSafePlace(place: string) {
  const isNew = await mkdir(place, { recursive: true })
  if (isNew !== undefined) await chmod(place, 0o755)
  if ((await realpath(place)) !== place) throw new Error('it is a link')
  for (let folder = place; ; folder = dirname(folder)) {
    if (!isSafe(await stat(folder))) throw new Error(`${folder} can be written by others than root`)
    if (folder === dirname(folder)) return
  }
}

const isSafe = ({ uid, mode }: { uid: number; mode: number }) => uid === 0 && (mode & 0o022) === 0

async function isIntact(copy: string, wanted: string): Promise<boolean> {
  try {
    const entries = [copy, ...(await entriesOf(copy)).map((path) => join(copy, path))]
    for (const path of entries) {
      const info = await lstat(path)
      if (!info.isSymbolicLink() && !isSafe(info)) return false
    }
    return (await folderDigest(copy)) === wanted
  } catch {
    return false
  }
}

/** SHA-256 of the names and contents of all files needed. */
async function folderDigest(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const path of await entriesOf(folder)) {
    const from = join(folder, path)
    const info = await lstat(from)
    if (info.isDirectory()) continue
    const content = info.isSymbolicLink() ? Buffer.from(await readlink(from)) : await readFile(from)
    hash.update(`${path}\0${info.isSymbolicLink()}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

async function entriesOf(folder: string): Promise<string[]> {
  const parts = ['bin', 'lib', 'share']
  const lists = parts.map(async (part) => [
    part,
    ...(await readdir(join(folder, part), { recursive: true })).map((path) => `${part}/${path}`),
  ])
  return (await Promise.all(lists))
    .flat()
    .filter((path) => !SUPERFLUOUS.test(`${path}/`.replace(/\.a\/$/, '.a')))
    .sort()
}

/**
 * Sets modes one by one: the umask of the installer, or of this process, may deny everything to
 * others.
 */
async function copyFiles(native: string, draft: string) {
  await mkdir(draft)
  await chmod(draft, 0o755)
  for (const path of await entriesOf(native)) {
    const [from, to] = [join(native, path), join(draft, path)]
    const info = await lstat(from)
    if (info.isSymbolicLink()) {
      await symlink(await readlink(from), to)
      continue
    }
    if (info.isDirectory()) await mkdir(to)
    else await copyFile(from, to)
    await chmod(to, info.isDirectory() || info.mode & 0o100 ? 0o755 : 0o644)
  }
}
