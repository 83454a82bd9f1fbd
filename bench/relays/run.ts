/**
 * `npm run chaos -- --servers`: Debian's Postfix, Exim, OpenSMTPD and aiosmtpd, each between
 * `dawnpost worker` and a server that keeps what it gets. One calm morning, compared with Postfix's
 * smtp-source, and one with the server's limits on, during which it is restarted.
 */
import { generateKeyPairSync } from 'node:crypto'
import { globSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../../src/platform/free-port.ts'
import { PROCESSORS } from '../figures.ts'
import { type Machines, openMachines } from '../machines.ts'
import { KINDS, type Kind, type Place } from './kinds.ts'
import { pass, type Server, startServer } from './pass.ts'
import { type Programs, unpackPrograms } from './programs.ts'
import { openSink, type Sink } from './sink.ts'
import { type DkimRecord, judge } from './verdict.ts'

const MAILS = 300
const CONNECTIONS = 10
/** If nothing has arrived for this long, a server has relayed all that it does without delay. */
const QUIET_MS = 30_000

interface Outcome {
  readonly name: string
  readonly arrived: number
  readonly twice: number
  readonly repeated: number
  readonly mailsPerSecond: number
  readonly share: number
  /** How many of smtp-source's mails, 30 a connection, the server left in its queue. */
  readonly left: number
  readonly violations: readonly string[]
}

interface Bench {
  readonly machines: Machines
  readonly programs: Programs
  readonly sink: Sink
  readonly stop: AbortSignal
  readonly dkim: { readonly settings: string; readonly record: DkimRecord }
}

/**
 * Prints a row for each server, and saves the rows if all servers were run. Resolves with whether
 * every promise was kept; null if the servers are not available.
 */
export async function runServers(
  print: (line: string) => void,
  { only, stop }: { readonly only: readonly string[] | undefined; readonly stop: AbortSignal },
): Promise<boolean | null> {
  const table: string[] = []
  const say = (line: string) => {
    table.push(line)
    print(line)
  }
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'dawnpost-servers-'))
  await chmod(folder, 0o755)
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const programs = await unpackPrograms(folder).catch((error: Error) => {
    print(`The mail servers are not tried: ${error.message}.`)
    return null
  })
  if (!programs) return null
  const machines = stack.use(await openMachines())
  const sink = stack.adopt(await openSink(), (sink) => sink.close())
  const bench = { machines, programs, sink, stop, dkim: await makeKey(folder) }
  say(
    '| server     | mails | arrived | twice, in doubt | repeated by it | mails/s | of smtp-source’s speed | left, 30 a connection | kept |',
  )
  say(
    '|------------|------:|--------:|----------------:|---------------:|--------:|-----------------------:|----------------------:|------|',
  )
  let kept = true
  for (const kind of KINDS.filter(({ name }) => only?.includes(name) ?? true)) {
    const { violations, ...row } = await outcomeOf(kind, bench).catch((error: Error) => {
      stop.throwIfAborted()
      return failed(kind, error)
    })
    const cells = [
      String(2 * MAILS).padStart(5),
      ...cellsOf(row),
      violations.length === 0 ? 'yes ' : 'NO  ',
    ]
    say(`| ${[kind.name.padEnd(10), ...cells].join(' | ')} |`)
    for (const violation of violations) say(`  violated: ${violation}`)
    kept &&= violations.length === 0
  }
  if (!only) await writeFile(RESULTS, `${HEAD}${table.join('\n')}\n`)
  return kept
}

const RESULTS = new URL('./RESULTS.md', import.meta.url)
const HEAD = `# Results of \`npm run chaos -- --servers\`

${PROCESSORS}, with PostgreSQL, Redis and the server that keeps what it is given on it. Each server as Debian has it, once
as it comes and once with limits of its own on, stopped and started in mid-run: ${MAILS} mails each, signed, byte for byte. A
mail that was in doubt when the server stopped may come twice, as the same message. The speed is of the first ${MAILS} mails of
a warm worker; smtp-source sends ${MAILS} of the same size after them, unsigned.

`

const failed = ({ name }: Kind, error: Error): Outcome => ({
  name,
  arrived: 0,
  twice: 0,
  repeated: 0,
  mailsPerSecond: Number.NaN,
  share: Number.NaN,
  left: 0,
  violations: [error.message],
})

const cellsOf = ({
  arrived,
  twice,
  repeated,
  mailsPerSecond,
  share,
  left,
}: Omit<Outcome, 'violations'>) => [
  String(arrived).padStart(7),
  String(twice).padStart(15),
  String(repeated).padStart(14),
  mailsPerSecond.toFixed(0).padStart(7),
  share.toFixed(2).padStart(22),
  String(left).padStart(21),
]

async function outcomeOf(kind: Kind, bench: Bench): Promise<Outcome> {
  const calm = await morning(kind, bench, 'off')
  const stopped = await morning(kind, bench, 'on')
  return {
    name: kind.name,
    arrived: calm.arrived + stopped.arrived,
    twice: calm.twice + stopped.twice,
    repeated: calm.repeated + stopped.repeated,
    mailsPerSecond: calm.mailsPerSecond,
    share: calm.mailsPerSecond / calm.sourcePerSecond,
    left: calm.left,
    violations: [
      ...calm.violations.map((text) => `on a calm morning: ${text}`),
      ...stopped.violations.map((text) => `stopped and started: ${text}`),
    ],
  }
}

/** With limits on, the server is also restarted; without, smtp-source sends after us. */
async function morning(kind: Kind, bench: Bench, limits: Place['limits']) {
  const { programs, sink, machines, dkim, stop } = bench
  const folder = join(programs.folder, `${kind.name}-${limits}`)
  await mkdir(folder)
  const place = { programs, folder, port: await freePort(), sinkPort: sink.port, limits }
  const server = await startServer(kind, place)
  try {
    sink.arrived.length = 0
    const isInterrupted = limits === 'on'
    // Slow enough to be interrupted halfway.
    const settings = dkim.settings + (isInterrupted ? '&perSecond=150' : '')
    const passed = await pass(machines, server, { mails: MAILS, settings, isInterrupted, stop })
    // Counts readers, since a mail with outcome unknown may arrive twice.
    await quiet(sink, () => new Set(sink.arrived.map(({ to }) => to)).size >= MAILS)
    const verdict = await judge(passed.expected, [...sink.arrived], dkim.record)
    const complaints = await complaintsOf(server)
    const size = passed.expected[0]?.raw.length ?? 0
    const sourcePerSecond = isInterrupted ? Number.NaN : await smtpSource(place, size)
    await quiet(sink, () => sink.arrived.length >= 2 * MAILS)
    const left = isInterrupted ? 0 : kind.queued(place)
    return {
      ...verdict,
      mailsPerSecond: passed.mailsPerSecond,
      sourcePerSecond,
      left,
      violations: [
        ...verdict.violations,
        ...complaints.map((line) => `its log complains: ${line}`),
      ],
    }
  } finally {
    await server.running.stop()
  }
}

/** Waits until all mails have arrived, or no more arrive. */
async function quiet({ arrived }: Sink, areThere: () => boolean): Promise<void> {
  let [count, since] = [-1, performance.now()]
  while (!areThere() && performance.now() - since < QUIET_MS) {
    if (arrived.length !== count) [count, since] = [arrived.length, performance.now()]
    await pause(20)
  }
}

async function smtpSource({ programs, port }: Place, bytes: number): Promise<number> {
  const begun = performance.now()
  await programs.run([
    '/usr/sbin/smtp-source',
    '-d',
    '-s',
    String(CONNECTIONS),
    '-m',
    String(MAILS),
    '-l',
    String(bytes),
    '-f',
    'b@courses.example',
    '-t',
    'reader@example.com',
    `127.0.0.1:${port}`,
  ])
  return (1_000 * MAILS) / (performance.now() - begun)
}

async function complaintsOf({ kind, place }: Server): Promise<string[]> {
  const logs = await Promise.all(
    globSync(join(place.folder, kind.logs)).map((file) => readFile(file, 'utf8')),
  )
  const all = logs.flatMap((log) => log.split('\n')).filter((line) => kind.complains.test(line))
  const once = all.findIndex((line) => kind.mayComplainOnce?.test(line))
  return all.filter((_, index) => index !== once).slice(0, 5)
}

async function makeKey(folder: string): Promise<Bench['dkim']> {
  const file = join(folder, 'dkim.pem')
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const value = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`
  return {
    settings: `&dkimDomain=dawnpost.example&dkimSelector=bench&dkimKey=${encodeURIComponent(file)}`,
    record: { name: 'bench._domainkey.dawnpost.example', value },
  }
}
