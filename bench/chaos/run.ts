/**
 * `npm run chaos [-- --short] [-- --only <scenario>] [-- --backend redis|postgres] [-- --json]`:
 * lets mornings go wrong in every way we know of, on real servers, and counts the outcome of each
 * lesson. Exit code 1 when a promise was broken. `npm run chaos -- --servers [-- --only <server>]`
 * puts mail servers in between, see ../relays/run.ts.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { PROCESSORS } from '../figures.ts'
import { KINDS } from '../relays/kinds.ts'
import { runServers } from '../relays/run.ts'
import { type Outcome, partsOf, play } from './play.ts'
import { FULL, SCENARIOS, SHORT } from './scenarios.ts'
import { openServers } from './servers.ts'
import { BACKENDS, LEASE_SECONDS } from './stage.ts'

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean' },
    json: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    backend: { type: 'string' },
    servers: { type: 'boolean' },
  },
})
/** The table so far, for RESULTS.md. */
const table: string[] = []
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`)

const scenarios = SCENARIOS.filter(({ name }) => options.only?.includes(name) ?? true)
const backends = BACKENDS.filter((backend) => (options.backend ?? backend) === backend)
const names = (options.servers ? KINDS : SCENARIOS).map(({ name }) => name)
const unknownNames = options.only?.filter((name) => !names.includes(name)) ?? []
if (unknownNames.length > 0 || backends.length === 0) {
  say(`--only takes ${names.join(', ')}; --backend takes ${BACKENDS.join(' or ')}.`)
  process.exit(2)
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stop.abort(new Error(signal)))

if (options.servers) {
  const kept = await runServers(say, { only: options.only, stop: stop.signal }).catch(stopped)
  if (kept !== null) say(kept ? 'Every promise was kept.' : 'Promises were broken.')
  process.exit(kept === false ? 1 : (process.exitCode ?? 0))
}

/** When stopped by a signal: everything that was started has ended. */
function stopped(error: unknown): null {
  if (!stop.signal.aborted) throw error
  process.stderr.write('Stopped.\n')
  process.exitCode = 130
  return null
}

function tell(line: string) {
  table.push(line)
  say(line)
}

const COLUMNS = [
  'due',
  'accepted',
  'sent',
  'lost',
  'duplicated',
  'afterLeaving',
  'unknown',
  'takenUp',
  'seconds',
] as const
const HEADINGS = [
  'due',
  'accepted',
  'sent',
  'lost',
  'twice',
  'after leaving',
  'unknown',
  'taken up again after s',
  'seconds',
]

function row({ name, backend, policy, ...counts }: Outcome): string {
  const numbers = COLUMNS.map((column, index) =>
    String(counts[column] ?? '').padStart(HEADINGS[index]?.length ?? 0),
  )
  return `| ${[name.padEnd(16), backend.padEnd(8), policy.padEnd(6), ...numbers].join(' | ')} |`
}

async function runAll(): Promise<Outcome[]> {
  await using servers = await openServers()
  const outcomes: Outcome[] = []
  tell(`| ${['scenario'.padEnd(16), 'backend '.padEnd(8), 'policy', ...HEADINGS].join(' | ')} |`)
  tell(
    `|${[18, 10, 8].map((width) => '-'.repeat(width)).join('|')}|${HEADINGS.map((text) => `${'-'.repeat(text.length + 1)}:`).join('|')}|`,
  )
  for (const part of partsOf(scenarios, backends)) {
    const outcome = await play(servers, part, options.short ? SHORT : FULL, stop.signal)
    outcomes.push(outcome)
    tell(row(outcome))
    for (const note of outcome.notes) process.stderr.write(`  note: ${note}\n`)
    for (const violation of outcome.violations) process.stderr.write(`  violated: ${violation}\n`)
  }
  return outcomes
}

/** Writes a whole run to RESULTS.md. */
function publish() {
  const machine = `${PROCESSORS}; three workers, PostgreSQL, Redis and the recording SMTP servers on it.`
  const head = `# Results of \`npm run chaos\`\n\n${machine} Under \`resend\` a mail of unknown outcome is sent again, as the same\nmessage; under \`hold\` never. What a killed worker held was taken up again after so many seconds at the worst, with leases\nof ${LEASE_SECONDS} s.\n\n`
  return writeFile(new URL('./RESULTS.md', import.meta.url), `${head}${table.join('\n')}\n`)
}

try {
  const outcomes = await runAll()
  const broken = outcomes.filter(({ violations }) => violations.length > 0).length
  say(
    broken === 0
      ? 'Every promise was kept.'
      : `Promises were broken in ${broken} of ${outcomes.length} runs.`,
  )
  if (!options.short && !options.only && !options.backend) await publish()
  const figures = outcomes.map(({ seconds: _, violations: __, notes: ___, ...rest }) => rest)
  if (options.json) process.stdout.write(`${JSON.stringify({ scenarios: figures })}\n`)
  process.exitCode = broken === 0 ? 0 : 1
} catch (error) {
  stopped(error)
}
