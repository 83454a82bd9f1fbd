/**
 * `npm run hostile`: the real web process under attack by one hostile client, one attack at a time,
 * and how long /healthz takes meanwhile for another client. Exit code 1 if that ever takes longer
 * than a tenth of a second.
 *
 * Unlike a real one, the attacker runs on this machine. It has a lower priority so as not to take
 * processor time from the site, and next to each figure we print how late the site's event loop was
 * and how long it worked without a pause: if that was short and /healthz slow, the machine was the
 * cause. `npm run hostile -- pipelined` runs only the attacks with that in their names.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { getPriority, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../src/platform/free-port.ts'
import { quantile } from './figures.ts'
import { ROOT } from './lesson.ts'
import type { Fared } from './loop-delay.ts'

const LIMIT_MS = 100
const SECONDS = 4
/** How much lower the attacker's priority is than the site's. */
const BELOW = 10
/** As in reality, the attacker has an address of its own; all of 127/8 is this machine. */
const ATTACKER = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1'

const marks = `a${'%CC%95'.repeat(5_000)}${'%CC%80'.repeat(5_000)}`
const post = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`
const chunked = (path: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
  'Transfer-Encoding: chunked\r\n\r\n'
const page = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
const forged = `/unsubscribe/1.nea2.${'A'.repeat(22)}.${'A'.repeat(22)}`

interface Attack {
  readonly name: string
  readonly connections: number
  /** Sent over and over on every connection, as fast as it is accepted. */
  readonly bytes: string
  /** Sent once, before everything else. */
  readonly head?: string
  /** Milliseconds between two sends; none by default. */
  readonly every?: number
}

const ATTACKS: readonly Attack[] = [
  { name: 'nothing', connections: 0, bytes: '' },
  { name: 'combining marks to /link', connections: 8, bytes: post('/link', `email=${marks}`) },
  {
    name: 'combining marks as a name',
    connections: 8,
    bytes: post('/courses/inner-wisdom', `name=${marks}&email=a%40b.example`),
  },
  {
    name: 'a body without an end',
    connections: 8,
    head: chunked(forged),
    bytes: `8000\r\n${'a&'.repeat(0x4000)}\r\n`,
  },
  { name: '10 MB of a&', connections: 8, bytes: post(forged, 'a&'.repeat(5_000_000)) },
  { name: '64 kB of a&', connections: 8, bytes: post('/link', 'a&'.repeat(32_000)) },
  {
    name: 'headers that never end',
    connections: 900,
    head: 'GET / HTTP/1.1\r\n',
    bytes: 'X: y\r\n',
    every: 500,
  },
  {
    name: 'bodies that never end',
    connections: 900,
    head: chunked('/link'),
    bytes: '1\r\na\r\n',
    every: 500,
  },
  {
    name: 'bodies in chunks of one byte',
    connections: 90,
    head: chunked('/link'),
    bytes: '1\r\na\r\n'.repeat(10_000),
  },
  { name: 'connections, over and over', connections: 90, bytes: '\r\n\r\n' },
  { name: '/readyz', connections: 50, bytes: page('/readyz') },
  { name: 'the front page', connections: 50, bytes: page('/') },
  {
    name: 'a course’s page, pipelined by the hundred',
    connections: 20,
    bytes: page('/courses/inner-wisdom').repeat(100),
  },
  {
    name: 'short requests, pipelined by the thousand',
    connections: 90,
    bytes: 'GET / HTTP/1.1\r\nHost:a\r\n\r\n'.repeat(2_500),
  },
  {
    name: 'the form of a course',
    connections: 50,
    bytes: post('/courses/inner-wisdom', 'email=a%40b.example'),
  },
]

// The attacker has a process of its own so that only the site is measured.
const [which, target] = process.argv.slice(2)
if (which && target) await attackUntilKilled(ATTACKS[Number(which)], Number(target))
else process.exitCode = (await measureAll(which ?? '')) ? 1 : 0

/** Whether /healthz was ever slow. */
async function measureAll(part: string): Promise<boolean> {
  await using site = await startSite()
  let isSlow = false
  console.log(`${''.padEnd(42)}     /healthz, ms      event loop, ms    cpu   memory`)
  console.log(`${''.padEnd(42)}     p99      max     late      own`)
  for (const [which, { name }] of ATTACKS.entries()) {
    if (!name.includes(part)) continue
    await site.fared()
    const times = await during(which, site.port)
    const { late, own, cpu, rssMb } = await site.fared()
    const longest = times.at(-1) ?? Number.POSITIVE_INFINITY
    isSlow ||= longest > LIMIT_MS
    const figures = [quantile(times, 0.99), longest, late, own]
      .map((ms) => ms.toFixed(1).padStart(9))
      .join('')
    console.log(
      `${name.padEnd(42)}${figures}   ${cpu.toFixed(2)}   ${rssMb.toFixed(0).padStart(3)} MB`,
    )
  }
  console.log(`/healthz ${isSlow ? 'took longer' : 'never took longer'} than ${LIMIT_MS} ms.`)
  return isSlow
}

async function attackUntilKilled(attack: Attack | undefined, port: number): Promise<void> {
  if (!attack) throw new RangeError(`there is no attack ${which}`)
  // Keeps the process alive if an attack has no connections.
  const alive = setInterval(() => {}, 1_000)
  await Promise.all(Array.from({ length: attack.connections }, () => assail(port, attack)))
  if (attack.connections > 0) clearInterval(alive)
}

/** Response times of /healthz, ascending; a failed request counts as one second. */
async function during(which: number, port: number): Promise<number[]> {
  const attacker = spawn(process.execPath, [import.meta.filename, String(which), String(port)], {
    stdio: 'inherit',
  })
  if (attacker.pid) setPriority(attacker.pid, getPriority() + BELOW)
  const times: number[] = []
  const end = performance.now() + SECONDS * 1_000
  while (performance.now() < end) {
    times.push(await healthz(port))
    await pause(10)
  }
  const gone = once(attacker, 'exit')
  attacker.kill('SIGKILL')
  await gone
  return times.sort((x, y) => x - y)
}

async function healthz(port: number): Promise<number> {
  const begun = performance.now()
  const status = await statusOf(port, '/healthz')
  return status === 200 ? performance.now() - begun : 1_000
}

/** Null when there is no answer. */
async function statusOf(port: number, path: string): Promise<number | null> {
  try {
    const asked = get({ port, host: '127.0.0.1', path, agent: false, timeout: 5_000 })
    const [response] = await once(asked, 'response')
    response.resume()
    await once(response, 'end')
    return response.statusCode
  } catch {
    return null
  }
}

/** One connection of the attacker; it is reopened when it is closed. */
async function assail(port: number, attack: Attack): Promise<void> {
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: ATTACKER })
    const closed = new Promise<void>((resolve) => socket.on('close', resolve).on('error', () => {}))
    socket.resume()
    if (attack.head) socket.write(attack.head)
    await Promise.race([closed, send(socket, attack, closed)])
    socket.destroy()
    await closed
    await pause(5)
  }
}

async function send(
  socket: Socket,
  { bytes, every }: Attack,
  closed: Promise<void>,
): Promise<void> {
  while (!socket.destroyed) {
    const isTaken = socket.write(bytes)
    if (every) await pause(every)
    else if (isTaken) await pause(1)
    else await Promise.race([closed, once(socket, 'drain').catch(() => {})])
  }
}

async function startSite() {
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-hostile-'))
  const port = await freePort()
  const { PATH = '', HOME = '' } = process.env
  const args = ['--max-semi-space-size=8', '--import', join(ROOT, 'bench/loop-delay.ts')]
  const child = spawn(process.execPath, [...args, join(ROOT, 'src/bin.mjs'), 'web'], {
    env: { PATH, HOME, DATA_DIR: folder, PORT: String(port), LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const fared = async (): Promise<Fared> => {
    child.send('how?')
    const [answer] = await once(child, 'message')
    return answer
  }
  const stop = async () => {
    await ended(child)
    await rm(folder, { recursive: true, force: true })
  }
  // Courses are published after the port is open.
  for (let tries = 0; (await statusOf(port, '/courses/inner-wisdom')) !== 200; tries++) {
    if (tries === 120 || child.exitCode !== null) {
      await stop()
      throw new Error('the site does not start')
    }
    await pause(500)
  }
  await pause(1_000)
  return { port, fared, [Symbol.asyncDispose]: stop }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
