/**
 * `npm run bench -- --bloat [--people 100000] [--mornings 30]`: how the tables grow over a month of
 * mornings on which everybody gets a lesson, through the real planner, claim and finish, with
 * default autovacuum; and how much of their size is bloat, compared with a fresh copy of the same
 * rows. Exit code 1 if bloat is more than 20 % in all tables together, or in one that still grows.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createScratch } from '../../src/store/postgres/scratch.ts'
import { MACHINE } from '../figures.ts'
import { ROOT } from '../lesson.ts'
import { openMachines, startSink } from '../machines.ts'
import { type Bloat, live } from './mornings.ts'
import { bloated, bytesOf, bytesOfAll, largeAmong, percentOver, type Size } from './sizes.ts'

const { values: options } = parseArgs({
  options: {
    bloat: { type: 'boolean' },
    people: { type: 'string', default: '100000' },
    mornings: { type: 'string', default: '30' },
  },
})
const [people, mornings] = [Number(options.people), Number(options.mornings)]
/** The number of lessons in the sample course. */
const MAX_MORNINGS = 30
if (!(Number.isInteger(people) && people > 0) || !(mornings >= 1 && mornings <= MAX_MORNINGS)) {
  console.error('Say how many people, and 1 to 30 mornings: --people 10000 --mornings 30')
  process.exit(2)
}
/** From this morning on, a table is expected to keep its size. */
const EARLIER = 10
const measured = [...new Set([1, EARLIER, 20, mornings].filter((morning) => morning <= mornings))]

const nameOf = ({ index }: Size) => `&nbsp;&nbsp;${index ?? 'its rows'}`
const inMb = (bytes: number) => (bytes / 2 ** 20).toFixed(1)
const bytesIn = (sizes: readonly Size[], { table, index }: Size) =>
  sizes.find((size) => size.table === table && size.index === index)?.bytes ?? 0

await using stack = new AsyncDisposableStack()
const machines = stack.use(await openMachines())
const sink = await startSink(stack)
const scratch = stack.adopt(await createScratch(machines.databaseUrl), (scratch) => scratch.drop())
const outcome = await live(
  {
    databaseUrl: scratch.url,
    redisUrl: machines.redisUrl,
    smtpUrl: `smtp://127.0.0.1:${sink.port}?connections=10`,
    folder: machines.folder,
    taken: async () => (await sink.taken()).mails,
  },
  { people, mornings, measured, progress: (text) => console.error(text) },
)
const report = reportOf(outcome)
console.log(report.text)
if (people === 100_000 && mornings === MAX_MORNINGS) {
  const machine = `${MACHINE}`
  const head = `# Results of \`npm run bench -- --bloat\`\n\n${machine}; the sink, Redis and PostgreSQL 18 on the same machine.\n\n`
  await writeFile(join(ROOT, 'bench/bloat/RESULTS.md'), `${head}${report.text}\n`)
}
process.exitCode = report.tooMuch.length > 0 ? 1 : 0

function reportOf({ after, last, fresh, hot }: Bloat) {
  const tables = largeAmong(last)
  const earlier = mornings > EARLIER ? after.get(EARLIER) : undefined
  const { tooMuch, steady } = bloated(last, fresh, earlier)
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const heads = measured.map((morning) => `after morning ${morning}, MB`)
  const lines = tables.flatMap((table) => {
    const parts = last.filter((size) => size.table === table)
    const whole = cellsOf((sizes) => bytesOf(sizes, table))
    const percent = hot.get(table)
    return [
      row([table, ...whole, percent === undefined ? '' : `${percent.toFixed(0)} %`]),
      ...parts.map((part) => row([nameOf(part), ...cellsOf((sizes) => bytesIn(sizes, part)), ''])),
    ]
  })
  function cellsOf(bytes: (sizes: readonly Size[]) => number): string[] {
    const [now, anew] = [bytes(last), bytes(fresh)]
    const then = measured.map((morning) => inMb(bytes(after.get(morning) ?? [])))
    return [...then, inMb(anew), anew > 0 ? `${percentOver(now, anew)} %` : '']
  }
  const together = percentOver(bytesOfAll(last), bytesOfAll(fresh))
  const verdict = [
    `All tables together have ${together} % of bloat.`,
    ...(tooMuch.length > 0 ? [`More than 20 %: ${tooMuch.join(', ')}.`] : []),
    ...(steady.length > 0
      ? [
          `More than 20 %, but no larger than after morning ${EARLIER}: ${steady.join(', ')}. All of its rows are replaced on a morning, and there is room for both.`,
        ]
      : []),
  ].join(' ')
  const text = [
    row(['', ...heads, 'written anew, MB', 'bloat', 'HOT updates']),
    row(['---', ...heads.map(() => '---:'), '---:', '---:', '---:']),
    ...lines,
    '',
    `${mornings} mornings of ${people} mails. ${verdict}`,
  ].join('\n')
  return { text, tooMuch }
}
