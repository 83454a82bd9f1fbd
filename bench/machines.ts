/**
 * What the contestants run against: their own sink, Redis and PostgreSQL, which are stopped at the
 * end.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { readConfig } from '../src/platform/config.ts'
import { freePort } from '../src/platform/free-port.ts'
import { openEmbedded } from '../src/store/postgres/embedded.ts'
import { SUPERUSER } from '../src/store/postgres/embedded-roles.ts'
import { ROOT } from './lesson.ts'

export interface Machines extends AsyncDisposable {
  readonly sinkPort: number
  readonly redisUrl: string
  readonly databaseUrl: string
  readonly folder: string
  /** Process ids; PostgreSQL's is that of the parent of all its processes. */
  readonly pids: { readonly postgres: number; readonly redis: number }
}

/** `settings`: additional ones for PostgreSQL. */
export async function openMachines(
  sink: 'own' | 'postfix' = 'own',
  settings: readonly string[] = [],
): Promise<Machines> {
  const stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const postgres = stack.adopt(
    await openEmbedded(folder, { createsDatabases: true, settings }),
    (postgres) => postgres.close(),
  )
  const redisPort = await freePort()
  const redis = stack.adopt(startRedis(redisPort), ended)
  const sinkPort = sink === 'own' ? await ownSink(stack) : await postfixSink(stack)
  await listening(redisPort)
  return {
    sinkPort,
    folder,
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    databaseUrl: postgres.url,
    pids: { postgres: await postmaster(folder), redis: redis.pid ?? 0 },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

async function postmaster(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

/** The URL of a database for the superuser of the embedded PostgreSQL. */
export async function superuserUrl(databaseUrl: string, folder: string): Promise<string> {
  const password = await readFile(join(folder, 'postgres.admin-password'), 'utf8')
  const to = { username: SUPERUSER, password: password.trim() }
  return Object.assign(new URL(databaseUrl), to).href
}

/** Starts a Redis that persists nothing; it answers once `listening` resolves. */
export const startRedis = (port: number): ChildProcess =>
  spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
    stdio: 'ignore',
  })

const ownSink = async (stack: AsyncDisposableStack) => (await startSink(stack)).port

/**
 * Starts a sink; `taken` returns how many mails it has taken, and for how many people whose address
 * begins with `prefix`.
 */
export async function startSink(stack: AsyncDisposableStack, prefix = '') {
  const script = join(ROOT, 'bench/sink.ts')
  const stdio = ['pipe', 'pipe', 'inherit'] as const
  const sink = stack.adopt(spawn(process.execPath, [script, prefix], { stdio: [...stdio] }), ended)
  const lines = createInterface(sink.stdout as Readable)
  const [line] = await once(lines, 'line')
  const taken = async () => {
    sink.stdin?.write('\n')
    const [answer] = await once(lines, 'line')
    const [mails = 0, people = 0] = String(answer).split(' ').map(Number)
    return { mails, people }
  }
  return { port: Number(line), taken }
}

export const hasPostfixSink = () => spawnSync('which', ['smtp-sink']).status === 0

async function postfixSink(stack: AsyncDisposableStack): Promise<number> {
  const port = await freePort()
  stack.adopt(
    spawn('smtp-sink', ['-u', 'nobody', `127.0.0.1:${port}`, '1000'], { stdio: 'ignore' }),
    ended,
  )
  await listening(port)
  return port
}

/** Stops a process started here, unless it has already ended. */
export async function ended(
  child: ChildProcess,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

/** Resolves when something answers on the port. */
export async function listening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const answered = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (answered) return
    await pause(20)
  }
}

/** Runs a script to its end and returns the number it prints. */
export const numberFrom = async (...args: Parameters<typeof numbersFrom>): Promise<number> =>
  (await numbersFrom(...args))[0] ?? Number.NaN

/** Like `numberFrom`, for several numbers separated by spaces. */
export async function numbersFrom(
  script: string,
  args: readonly (string | number)[],
): Promise<number[]> {
  const child = spawn(process.execPath, [join(ROOT, 'bench', script), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [printed, [code]] = await Promise.all([Array.fromAsync(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
  return Buffer.concat(printed as Buffer[])
    .toString()
    .trim()
    .split(' ')
    .map(Number)
}

/** Settings for an app on these servers in this process. */
export const configFor = (databaseUrl: string, machines: Machines) =>
  readConfig({
    DATABASE_URL: databaseUrl,
    REDIS_URL: machines.redisUrl,
    SMTP_URL: `smtp://127.0.0.1:${machines.sinkPort}`,
    SECRET_KEY: 'a key for the benchmark and for nothing else',
    POSTAL_ADDRESS: '1 Test Lane, Testville',
    PUBLIC_URL: 'https://courses.example',
    LOG_LEVEL: process.env.BENCH_LOG ?? 'fatal',
  })
