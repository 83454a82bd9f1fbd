/**
 * `npm run bench -- --ledger [--rows 1m,5m,20m,50m] [--mails N] [--rounds N]
 * [--backend redis|postgres] [--only mornings|sizes|kills|idle] [--quick] [--json]`: the cost of a
 * mail, and of the ledger as it grows, each next to its goal. Processor time is from /proc, without
 * the sink and the process that makes mails due; bytes are those of PostgreSQL's log and files;
 * pages and calls are its own counts. Takes about twelve minutes on two cores; `--quick` three.
 * `--rows 20m` needs 20 GB of disk and half an hour. A whole run goes to bench/ledger/RESULTS.md.
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MACHINE } from '../figures.ts'
import { bytesOfLesson, ROOT } from '../lesson.ts'
import { openMachines } from '../machines.ts'
import { watchConnections } from '../operator/reads.ts'
import { COUNTING } from './database.ts'
import { type Goal, rowsOf, sizeOf, tableOf } from './goals.ts'
import { type AtSize, measureAt } from './growth.ts'
import { idle } from './idle.ts'
import { kill } from './killed.ts'
import { race } from './pace.ts'
import { ofIdle, ofKills, ofMornings, ofSizes, statementsTable } from './report.ts'

const PARTS = ['mornings', 'sizes', 'kills', 'idle'] as const
const BACKENDS = ['redis', 'postgres'] as const

const { values: options } = parseArgs({
  options: {
    ledger: { type: 'boolean' },
    rows: { type: 'string' },
    mails: { type: 'string' },
    rounds: { type: 'string' },
    backend: { type: 'string', default: 'redis' },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
    json: { type: 'boolean' },
  },
})
const scale = options.quick
  ? { mails: 5_000, rounds: 1, rows: '100k,400k', killed: 4_000, idle: 100_000, seconds: 20 }
  : { mails: 20_000, rounds: 3, rows: '1m,4m', killed: 10_000, idle: 1_000_000, seconds: 60 }
const mails = Number(options.mails ?? scale.mails)
const rounds = Number(options.rounds ?? scale.rounds)
const sizes = (options.rows ?? scale.rows).split(',').map(rowsOf)
const backend = BACKENDS.find((name) => name === options.backend)
const parts = PARTS.filter((part) => options.only?.includes(part) ?? true)
if (!(mails >= 1 && rounds >= 1) || sizes.includes(null) || !backend || parts.length === 0) {
  process.stderr.write(
    `--mails and --rounds take a number, --rows some like 1m,20m, --backend ${BACKENDS.join(' or ')}, --only ${PARTS.join(', ')}.\n`,
  )
  process.exit(2)
}
if (!existsSync('/proc/self/stat')) {
  process.stderr.write('What a mail costs is counted by /proc, which only Linux has.\n')
  process.exit(2)
}
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`)
// Must come before any connections.
const readsDuring = watchConnections(() => {})

const begun = performance.now()
await using machines = await openMachines('own', COUNTING)
const goals: Goal[] = []
const measured: AtSize[] = []

const WORK: Readonly<Record<(typeof PARTS)[number], () => Promise<Goal[]>>> = {
  mornings: async () =>
    ofMornings(await race(machines, { rounds, mails, bytes: await bytesOfLesson(), backend, say })),
  sizes: async () => {
    const morning = { mails, connections: 10, backend }
    for (const rows of sizes as number[]) {
      const terms = { morning, readsDuring, say }
      measured.push(await measureAt(machines, rows, terms))
      // Printed at once, since a larger ledger takes a while.
      for (const { what, measured: figure } of ofSizes(measured.slice(-1)))
        say(`     ${what}: ${figure}`)
    }
    return ofSizes(measured)
  },
  // In parallel, since most of the time is waiting.
  kills: async () => {
    const terms = { mails: scale.killed, connections: 10 }
    return ofKills(await Promise.all(BACKENDS.map((queue) => kill(machines, queue, terms))))
  },
  idle: async () => ofIdle(await idle(machines, scale.idle, scale.seconds)),
}
for (const part of parts) {
  const since = performance.now()
  const rows = await WORK[part]()
  goals.push(...rows)
  for (const { what, measured: figure, goal, holds } of rows)
    say(
      holds === null
        ? `     ${what}: ${figure}`
        : `${holds ? 'yes' : 'NO '}  ${what}: ${figure}, goal ${goal}`,
    )
  say(`${part}: ${Math.round((performance.now() - since) / 1_000)} s`)
}

const text = [tableOf(goals), '', statementsTable(measured)].join('\n').trim()
const minutes = ((performance.now() - begun) / 60_000).toFixed(0)
say(`\n${text}\n\n${minutes} minutes.`)
if (!options.quick && parts.length === PARTS.length) {
  const machine = `${MACHINE}; the sink, Redis and PostgreSQL on the same machine`
  const how = `${mails} mails a morning, medians of ${rounds} interleaved rounds, queue on ${backend}, ledgers of ${(sizes as number[]).map(sizeOf).join(', ')} deliveries; ${minutes} minutes`
  await writeFile(
    join(ROOT, 'bench/ledger/RESULTS.md'),
    `# Results of \`npm run bench -- --ledger\`\n\n${machine}. ${how}.\n\n${text}\n`,
  )
}
if (options.json) process.stdout.write(`${JSON.stringify({ goals, sizes: measured })}\n`)
