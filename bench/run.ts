/**
 * `npm run bench [-- --quick] [-- --json] [-- --capped <mails>]`: Dawnpost next to the hand-built
 * way and nodemailer's ceiling, on one machine, in interleaved rounds; then how planning scales,
 * and how punctual an idle system is. The medians go to bench/RESULTS.md.
 */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CAP, type CappedOutcome, measureCapped, TAKES_MS } from './capped.ts'
import { type Run, runDawnpost } from './dawnpost.ts'
import { measureFar, ROUND_TRIP_MS } from './far.ts'
import { MACHINE, median, quantile } from './figures.ts'
import { bytesOfLesson, ROOT } from './lesson.ts'
import { hasPostfixSink, type Machines, numberFrom, openMachines } from './machines.ts'
import { measurePlanning, type PlanningOutcome } from './planning.ts'

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'boolean' }, capped: { type: 'string' } },
})
const rounds = options.quick ? 1 : 5
const scale = options.quick ? 0.25 : 1
const count = (mails: number) => Math.round(mails * scale)
/** Enough that the first mails, before all code is compiled, carry little weight. */
const MORNING = count(20_000)
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`)

const CONTESTANTS = ['a', 'b', 'c', 'd', 'e', 'bDkim', 'cDkim'] as const
type Contestant = (typeof CONTESTANTS)[number]
const MEANING: Readonly<Record<Contestant, string>> = {
  a: 'the hand-built way: a job a mail, MJML a mail, nodemailer pooled',
  b: 'nodemailer’s ceiling: its pool, messages built beforehand, nothing else',
  c: 'Dawnpost, queue on Redis, one worker',
  d: 'Dawnpost, queue on PostgreSQL, one worker',
  e: 'Dawnpost, queue on Redis, two workers',
  bDkim: 'b, signed by nodemailer, RSA-2048',
  cDkim: 'c, signed by Dawnpost, RSA-2048',
}

const bytes = await bytesOfLesson()

async function dawnpost(
  machines: Machines,
  run: Omit<Run, 'mails'>,
  mails: number,
): Promise<number> {
  return (await runDawnpost(machines, { ...run, mails })).mailsPerSecond
}

const perSecond = (mails: number, ms: number) => (1_000 * mails) / ms

const contest: Readonly<Record<Contestant, (machines: Machines) => Promise<number>>> = {
  a: async ({ redisUrl, sinkPort }) =>
    perSecond(
      count(400),
      await numberFrom('baselines/tutorial.ts', [redisUrl, sinkPort, count(400)]),
    ),
  b: async ({ sinkPort }) =>
    perSecond(MORNING, await numberFrom('baselines/ceiling.ts', [sinkPort, MORNING, bytes])),
  c: (machines) => dawnpost(machines, { backend: 'redis', workers: 1 }, MORNING),
  d: (machines) => dawnpost(machines, { backend: 'postgres', workers: 1 }, MORNING),
  e: (machines) => dawnpost(machines, { backend: 'redis', workers: 2 }, MORNING),
  bDkim: async ({ sinkPort }) =>
    perSecond(
      count(2_000),
      await numberFrom('baselines/ceiling.ts', [sinkPort, count(2_000), bytes, 'dkim']),
    ),
  cDkim: (machines) => {
    const run: Omit<Run, 'mails'> = {
      backend: 'redis',
      workers: 1,
      smtpSettings: dkimSettings(machines),
    }
    return dawnpost(machines, run, count(4_000))
  },
}

function dkimSettings({ folder }: Machines): string {
  const file = join(folder, 'dkim.pem')
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  writeFileSync(file, privateKey)
  return `&dkimDomain=dawnpost.example&dkimSelector=bench&dkimKey=${encodeURIComponent(file)}`
}

const rounded = (number: number, digits = 0) => Number(number.toFixed(digits))

async function race(machines: Machines): Promise<Record<Contestant, number>> {
  const results = Object.fromEntries(CONTESTANTS.map((name) => [name, [] as number[]])) as Record<
    Contestant,
    number[]
  >
  for (let round = 1; round <= rounds; round++) {
    for (const name of CONTESTANTS) {
      const speed = await contest[name](machines)
      results[name].push(speed)
      say(`round ${round}  ${name.padEnd(6)} ${speed.toFixed(0).padStart(6)} mails/s`)
    }
  }
  return Object.fromEntries(
    CONTESTANTS.map((name) => [name, rounded(median(results[name]))]),
  ) as Record<Contestant, number>
}

function versions() {
  const of = (name: string) =>
    JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version
  const names = ['nodemailer', 'bullmq', 'ioredis', 'pg', 'mjml']
  const redis = /v=(\S+)/.exec(
    execFileSync('redis-server', ['--version'], { encoding: 'utf8' }),
  )?.[1]
  return {
    node: process.versions.node,
    redis,
    postgres: '18 (embedded)',
    ...Object.fromEntries(names.map((n) => [n, of(n)])),
  }
}

/** Ten connections, as many as the relay allows, and twice as many; in full: `--capped 100000`. */
async function besideCap(machines: Machines): Promise<CappedOutcome[]> {
  const outcomes: CappedOutcome[] = []
  for (const connections of [CAP / 2, CAP, 2 * CAP]) {
    const outcome = await measureCapped(
      machines,
      connections,
      Number(options.capped ?? count(6_000)),
    )
    outcomes.push(outcome)
    const { share, sentAway } = outcome
    say(
      `a relay with a cap of ${CAP}, ${connections} connections: ${rounded(100 * share)} %, ${sentAway} sent away`,
    )
  }
  return outcomes
}

await using machines = await openMachines()
if (options.capped) {
  await besideCap(machines)
  await machines[Symbol.asyncDispose]()
  process.exit()
}
const machine = `${MACHINE}; the sink, Redis and PostgreSQL on the same machine`
say(`${machine}\nA mail has ${bytes} bytes.`)
const mailsPerSecond = await race(machines)

// Before the large tables, whose removal keeps the database busy for a while.
const { delays } = await runDawnpost(machines, {
  backend: 'redis',
  workers: 1,
  mails: 1_000,
  // By then, work deferred at startup is done.
  leadMs: 15_000,
})
const punctuality = {
  p50Ms: Math.round(quantile(delays, 0.5)),
  p99Ms: Math.round(quantile(delays, 0.99)),
}

const capped = await besideCap(machines)

const far = await measureFar(machines, count(2_000))
say(
  `a relay ${ROUND_TRIP_MS} ms away: ${rounded(far.mailsPerSecond)} mails/s, ${rounded(far.share, 2)} of nodemailer alone`,
)

const planning: (PlanningOutcome & { workerRssMb: number })[] = []
const drained = await runDawnpost(machines, {
  backend: 'redis',
  workers: 1,
  mails: options.quick ? 5_000 : 100_000,
})
for (const active of options.quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000]) {
  planning.push({
    ...(await measurePlanning(machines, active, options.quick ? 3 : 5)),
    workerRssMb: drained.worstRssMb,
  })
  say(`planning with ${active} active: ${planning.at(-1)?.msPerDue.toFixed(4)} ms a due mail`)
}

const { a, b, c, d, e, bDkim, cDkim } = mailsPerSecond
const ratios = {
  'c/a': rounded(c / a, 2),
  'c/b': rounded(c / b, 2),
  'd/c': rounded(d / c, 2),
  'e/c': rounded(e / c, 2),
  'cDkim/bDkim': rounded(cDkim / bDkim, 2),
}
const postfix = hasPostfixSink() ? await besidePostfix() : null
const result = {
  machine,
  versions: versions(),
  mailsPerSecond,
  ratios,
  planning,
  punctuality,
  capped,
  far,
  ...(postfix && { postfix }),
}

async function besidePostfix() {
  await using other = await openMachines('postfix')
  const [ceiling, dawnpost] = [await contest.b(other), await contest.c(other)]
  return { b: rounded(ceiling), c: rounded(dawnpost), 'c/b': rounded(dawnpost / ceiling, 2) }
}

function report(): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [
    row(['', 'mails/s', 'what']),
    row(['---', '---:', '---']),
    ...CONTESTANTS.map((name) => row([name, mailsPerSecond[name], MEANING[name]])),
    '',
    row(['ratio', 'measured', 'target']),
    row(['---', '---:', '---:']),
    row(['c / a', ratios['c/a'], '≥ 10']),
    row(['c / b', ratios['c/b'], '≥ 0.9']),
    row(['d / c', ratios['d/c'], '≥ 0.8']),
    row(['e / c', ratios['e/c'], '']),
    row(['with DKIM', ratios['cDkim/bDkim'], '≥ 1.3']),
    ...(postfix ? [row(['c / b, into Postfix’s smtp-sink', postfix['c/b'], ''])] : []),
    '',
    row([
      'active enrollments',
      'due',
      'ms to plan a due mail',
      'queue bytes an idle enrollment',
      'worker’s memory, MB',
    ]),
    row(['---:', '---:', '---:', '---:', '---:']),
    ...planning.map((p) =>
      row([p.active, p.due, p.msPerDue.toFixed(3), p.queueBytesPerIdleEnrollment, p.workerRssMb]),
    ),
    '',
    row([
      'connections',
      `of nodemailer alone, into a relay that takes ${TAKES_MS} ms a mail and ${CAP} connections`,
      'sent away',
      'target',
    ]),
    row(['---:', '---:', '---:', '---:']),
    ...capped.map((outcome) =>
      row([outcome.connections, `${rounded(100 * outcome.share)} %`, outcome.sentAway, '≥ 90 %']),
    ),
    '',
    `Into a relay ${ROUND_TRIP_MS} ms away, over 10 connections: ${rounded(far.mailsPerSecond)} mails a second, ${rounded(far.share, 2)} times as many as nodemailer alone.`,
    `The memory is the most a worker took while ${options.quick ? '5,000' : '100,000'} mails were drained.`,
    `Punctuality: of 1,000 mails due at one moment, half were accepted within ${punctuality.p50Ms} ms and 99 % within ${punctuality.p99Ms} ms.`,
  ].join('\n')
}

if (!options.quick) {
  const head = `# Results of \`npm run bench\`\n\n${machine}.\n\n${Object.entries(result.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}. A mail has ${bytes} bytes. Medians of ${rounds} interleaved rounds.\n\n`
  await writeFile(join(ROOT, 'bench/RESULTS.md'), `${head}${report()}\n`)
}
say(report())
if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
