/** A copy of PostgreSQL's programs that root keeps where every account may pass. */
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

/** What nothing needs that only runs. */
const SUPERFLUOUS = /\.a$|(^|\/)(pkgconfig|include|doc|man)\//

/**
 * The copy of `native` in `place`; made when there is none, or when the one there is not the same to the last byte.
 * All of it is root's, and nobody else can write in it or in any folder above, so that no other account can slip us a
 * program. Throws when the place cannot be had on these terms.
 */
export async function copyOf(native: string, place: string): Promise<string> {
  await claim(place)
  const wanted = await digestOf(native)
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8').catch(() => '{}'))
  const copy = join(place, `postgresql-${version ?? 'unknown'}-${wanted.slice(0, 12)}`)
  if (await isTrue(copy, wanted)) return copy
  const draft = `${copy}.${randomBytes(4).toString('hex')}`
  try {
    await write(native, draft)
    // One that was tampered with, or left half removed by somebody who tidied up; it cannot be replaced in one step.
    if (!(await isTrue(copy, wanted))) await rm(copy, { recursive: true, force: true })
    await rename(draft, copy).catch(async (error: unknown) => {
      // Another program made it meanwhile.
      if (!(await isTrue(copy, wanted))) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return copy
}

/** Makes the place when it is missing. Throws when somebody other than root could change what is in it. */
async function claim(place: string) {
  const isNew = await mkdir(place, { recursive: true })
  if (isNew !== undefined) await chmod(place, 0o755)
  if ((await realpath(place)) !== place) throw new Error('it is a link')
  for (let folder = place; ; folder = dirname(folder)) {
    if (!isSafe(await stat(folder))) throw new Error(`${folder} can be written by others than root`)
    if (folder === dirname(folder)) return
  }
}

const isSafe = ({ uid, mode }: { uid: number; mode: number }) => uid === 0 && (mode & 0o022) === 0

async function isTrue(copy: string, wanted: string): Promise<boolean> {
  try {
    const entries = [copy, ...(await entriesOf(copy)).map((path) => join(copy, path))]
    for (const path of entries) {
      const found = await lstat(path)
      if (!found.isSymbolicLink() && !isSafe(found)) return false
    }
    return (await digestOf(copy)) === wanted
  } catch {
    return false
  }
}

/** SHA-256 over the names and contents of all that is needed. */
async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const path of await entriesOf(folder)) {
    const from = join(folder, path)
    const found = await lstat(from)
    if (found.isDirectory()) continue
    const content = found.isSymbolicLink() ? Buffer.from(await readlink(from)) : await readFile(from)
    hash.update(`${path}\0${found.isSymbolicLink()}\0${content.length}\0`).update(content)
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

/** Modes are given one by one: the umask of whoever installed, or runs this, may close everything to others. */
async function write(native: string, draft: string) {
  await mkdir(draft)
  await chmod(draft, 0o755)
  for (const path of await entriesOf(native)) {
    const [from, to] = [join(native, path), join(draft, path)]
    const found = await lstat(from)
    if (found.isSymbolicLink()) {
      await symlink(await readlink(from), to)
      continue
    }
    if (found.isDirectory()) await mkdir(to)
    else await copyFile(from, to)
    await chmod(to, found.isDirectory() || found.mode & 0o100 ? 0o755 : 0o644)
  }
}
