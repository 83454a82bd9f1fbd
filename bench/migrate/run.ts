/**
 * `npm run bench -- --migrate [--rows 1m]`: how long the migration of a database takes whose ledger
 * is not partitioned yet, how long others at work meanwhile wait, and how long mail stands still.
 * `--rows 1m,4m` measures several sizes; most of the time goes into filling, and 20 M deliveries
 * need half an hour and 12 GB. Ends by itself after two hours. Exit code 1 if somebody waits for
 * more than two seconds or a row is lost. Runs of a million rows and more go to
 * bench/migrate/RESULTS.md.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { HOUR } from '../../src/domain/time.ts'
import { MACHINE, quantile } from '../figures.ts'
import { atMost, beside, type Goal, rowsOf, sizeOf, tableOf } from '../ledger/goals.ts'
import { ROOT } from '../lesson.ts'
import { openMachines } from '../machines.ts'
import type { Waits } from './probers.ts'
import { expectRoom, type Migrated, migrateFilled, WHOLE } from './steps.ts'

const { values: options } = parseArgs({
  options: { migrate: { type: 'boolean' }, rows: { type: 'string', default: '1m' } },
})
const sizes = options.rows.split(',').map(rowsOf)
if (sizes.includes(null)) {
  process.stderr.write('--rows takes some like 1m,4m.\n')
  process.exit(2)
}
setTimeout(() => {
  process.stderr.write('It took two hours, and was broken off.\n')
  process.exit(1)
}, 2 * HOUR).unref()

const say = (text: string) => process.stdout.write(`${text}\n`)
const MAX_SECONDS = 2

await using machines = await openMachines()
const goals: Goal[] = []
for (const rows of sizes as number[]) {
  await expectRoom(machines.folder, rows)
  const measured = goalsOf(await migrateFilled(machines.databaseUrl, rows, say))
  goals.push(...measured)
  say(`\n${tableOf(measured)}\n`)
}
if ((sizes as number[]).every((rows) => rows >= 1e6)) {
  const machine = `${MACHINE}; PostgreSQL 18 and whoever asks on the same machine`
  await writeFile(
    join(ROOT, 'bench/migrate/RESULTS.md'),
    `# Results of \`npm run bench -- --migrate --rows ${options.rows}\`\n\n${machine}. From the schema of ${WHOLE} to the newest.\n\n${tableOf(goals)}\n`,
  )
}
process.exitCode = goals.some(({ holds }) => holds === false) ? 1 : 0

function goalsOf(measured: Migrated): Goal[] {
  const at = `at ${sizeOf(measured.rows)}`
  const seconds = (ms: number) => (ms / 1_000).toFixed(1)
  return [
    beside(
      `the migration, ${at}`,
      `${measured.seconds.toFixed(1)} s (${sizeOf(measured.rows)} deliveries, ${(measured.ledgerBytes / 1e9).toFixed(1)} GB with their indexes)`,
    ),
    ...[...measured.steps].map(([what, ms]) => beside(`step: ${what}, ${at}`, `${seconds(ms)} s`)),
    ...measured.waits.map((waits) =>
      atMost(`longest wait: ${waits.what}, ${at}`, longest(waits), MAX_SECONDS, {
        unit: 's',
        note: notesOf(waits),
      }),
    ),
    beside(`mail stood still, ${at}`, `${measured.stoodStillSeconds.toFixed(1)} s`),
    atMost(`rows lost, ${at}`, Math.abs(measured.missing), 0, { digits: 0 }),
    atMost(`rows there twice (I1), ${at}`, measured.twice, 0, { digits: 0 }),
  ]
}

function longest({ ms }: Waits): number {
  return ms.reduce((most, wait) => Math.max(most, wait), 0) / 1_000
}

function notesOf({ ms, refused, withoutAnswerMs }: Waits): string {
  const ascending = ms.toSorted((x, y) => x - y)
  const said = `${ms.length} times, 99 % within ${quantile(ascending, 0.99).toFixed(0)} ms`
  if (refused === 0) return said
  return `${said}; refused for ${(withoutAnswerMs / 1_000).toFixed(1)} s, while the ledger had no name`
}
