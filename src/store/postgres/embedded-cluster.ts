/**
 * The data folder of the embedded PostgreSQL: its owner, its passwords, and the pid file of a
 * server on it.
 */
import { randomBytes } from 'node:crypto'
import { chmod, lchown, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureWritable, loadOrCreateSecret } from '../../platform/data-dir.ts'
import { isAlive } from '../../platform/is-alive.ts'
import { type Account, findPrograms, type Machine, type Programs } from './embedded-programs.ts'
import { type Access, isOurs } from './embedded-roles.ts'

export interface Cluster {
  readonly data: string
  readonly log: string
  readonly passwords: Access['passwords']
  readonly programs: Programs
  readonly isFresh: boolean
}

/** Determines how the server is run, and reads or makes its passwords. */
export async function prepareCluster(
  folder: string,
  isFresh: boolean,
  machine: Machine,
): Promise<Cluster> {
  const data = join(folder, 'postgres')
  const info = await stat(data).catch(() => null)
  // One that root owns is a backup that root has restored.
  const owner = info && info.uid > 0 ? { uid: info.uid, gid: info.gid || info.uid } : null
  const programs = await findPrograms({ machine, owner })
  await ensureWritable(folder)
  const [log, program, superuser] = [`${data}.log`, `${data}.password`, `${data}.admin-password`]
  const newPassword = () => randomBytes(18).toString('hex')
  const passwords = {
    program: await loadOrCreateSecret(program, newPassword),
    superuser: await loadOrCreateSecret(superuser, newPassword),
  }
  await writeFile(log, '', { flag: 'a' })
  for (const file of [log, program, superuser]) await chmod(file, 0o600)
  if (machine.isRoot) {
    const { uid, gid } = await stat(folder)
    for (const file of [log, program, superuser]) await lchown(file, uid, gid)
    if (!isFresh && programs.account) await chownData(programs.account, data)
  }
  return { data, log, passwords, programs, isFresh }
}

/**
 * Gives the data back to its account: in a backup that root has restored, files or folders may be
 * root's.
 */
async function chownData(account: Account, data: string) {
  const within = ['.', 'PG_VERSION', 'base'].map((name) => stat(join(data, name)).catch(() => null))
  if ((await Promise.all(within)).every((info) => !info || info.uid === account.uid)) return
  const entries = await readdir(data, { recursive: true })
  for (const path of ['.', ...entries]) await chownTo(account, join(data, path))
  await chmod(data, 0o700)
}

export async function chownTo(account: Account | null, path: string) {
  if (account) await lchown(path, account.uid, account.gid)
}

/**
 * Returns the port of the server running on this cluster, or null: a pid file counts only if a
 * login works.
 */
export async function runningPort({ data, passwords }: Cluster): Promise<number | null> {
  const { port, ready } = await pidFile(data)
  return port && ready && (await isOurs({ port, passwords })) ? port : null
}

export async function pidFile(data: string) {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return {
    pid: Number(lines[0]),
    port: Number(lines[3]),
    ready: lines[7]?.startsWith('ready') ?? false,
  }
}

/**
 * After a crash the pid in the file may belong to another program by now, and PostgreSQL would
 * refuse to start.
 */
export async function removeStalePid({ data }: Cluster) {
  const { pid } = await pidFile(data)
  if (!isAlive(pid)) return
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'postgres')
  if (!command.includes('postgres')) await rm(join(data, 'postmaster.pid'), { force: true })
}
