/** The goals of issue 19, from the measurements. Pure. */
import { median } from '../figures.ts'
import type { Written } from './database.ts'
import { above, atLeast, atMost, below, beside, flat, type Goal, growth, sizeOf } from './goals.ts'
import { type AtSize, COSTS } from './growth.ts'
import type { Idle } from './idle.ts'
import type { Killed } from './killed.ts'
import { ceilingOf, middle, type Pace, speedOf } from './pace.ts'
import { type Processor, totalOf } from './processes.ts'

const GOALS = {
  processorMs: 0.45,
  ceiling: 1,
  moreConnections: 1,
  walFreshKb: 2.2,
  walLargeKb: 3,
  atRest: 250,
  hotPercent: 90,
  takenUpSeconds: 15,
  idle: 0.02,
  memoryMb: 180,
}

const parts = ({ program, postgres, redis }: Processor, digits: number) =>
  `program ${program.toFixed(digits)}, PostgreSQL ${postgres.toFixed(digits)}, Redis ${redis.toFixed(digits)}`

/** Processor time, pace, log, HOT updates and memory of mornings in a new ledger. */
export function ofMornings(paces: readonly Pace[]): Goal[] {
  const [ten, twenty] = paces
  const costs = paces.map((pace) => {
    const each = {
      program: middle(pace, (run) => run.processor.program),
      postgres: middle(pace, (run) => run.processor.postgres),
      redis: middle(pace, (run) => run.processor.redis),
    }
    return atMost(
      `processor a mail, ${pace.connections} connections`,
      middle(pace, (run) => totalOf(run.processor)),
      GOALS.processorMs,
      { unit: 'ms', digits: 3, note: parts(each, 3) },
    )
  })
  const alone = paces.map((pace) =>
    beside(
      `of nodemailer alone, ${pace.connections} connections`,
      `${median(pace.alone).toFixed(3)} ms`,
    ),
  )
  const speeds = paces.map((pace) =>
    atLeast(
      `c / b, ${pace.connections} connections`,
      speedOf(pace) / ceilingOf(pace),
      GOALS.ceiling,
      {
        note: `${speedOf(pace).toFixed(0)} mails/s beside ${ceilingOf(pace).toFixed(0)}`,
      },
    ),
  )
  if (!ten || !twenty) return [...costs, ...alone, ...speeds]
  return [
    ...costs,
    ...alone,
    ...speeds,
    atLeast('20 connections beside 10', speedOf(twenty) / speedOf(ten), GOALS.moreConnections),
    ...wal('WAL of a delivery, fresh', GOALS.walFreshKb, {
      bytes: middle(ten, (run) => run.wal.bytes),
      pages: middle(ten, (run) => run.wal.pages ?? Number.NaN),
    }),
    hot('HOT updates, fresh', ten.runs.at(-1)?.written ?? []),
    below(
      'memory of the worker, at most',
      Math.max(...paces.flatMap(({ runs }) => runs.map((run) => run.peakMb))),
      GOALS.memoryMb,
      { unit: 'MB', digits: 0 },
    ),
  ]
}

/** In total and without full pages, of which a mail has fewer the more mails a morning has. */
function wal(what: string, limit: number, { bytes, pages }: { bytes: number; pages: number }) {
  const kb = (number: number) => number / 1_000
  const all = below(`${what}, from a checkpoint on`, kb(bytes), limit, {
    unit: 'kB',
    note: `${kb(pages).toFixed(2)} of it whole pages, at their first change`,
  })
  return [all, below(`${what}, without whole pages`, kb(bytes - pages), limit, { unit: 'kB' })]
}

/** The share of HOT updates in all tables, and in each updated one. */
function hot(what: string, written: readonly Written[]): Goal {
  const sum = (of: (row: Written) => number) => written.reduce((all, row) => all + of(row), 0)
  // Without updates, all of them count as HOT.
  const percent = (part: number, all: number) => (all === 0 ? 100 : (100 * part) / all)
  const each = written
    .filter(({ updated }) => updated > 0)
    .map(
      ({ table, updated, hot }) => `${table} ${percent(hot, updated).toFixed(0)} % of ${updated}`,
    )
  const all = percent(
    sum((row) => row.hot),
    sum((row) => row.updated),
  )
  return above(what, all, GOALS.hotPercent, { unit: '%', digits: 1, note: each.join(', ') })
}

/** The costs that may grow with the ledger, and the cost of a delivery in the largest. */
export function ofSizes(sizes: readonly AtSize[]): Goal[] {
  const [first, last] = [sizes[0], sizes.at(-1)]
  if (!first || !last) return []
  const { drained, atRest } = last
  const largest = sizeOf(last.rows)
  const aRow = (bytes: number) => bytes / atRest.rows
  const span = `${sizes.map(({ rows }) => sizeOf(rows)).join(', ')} deliveries`
  return [
    ...wal(`WAL of a delivery, at ${largest}`, GOALS.walLargeKb, {
      bytes: drained.wal.bytes,
      pages: drained.wal.pages ?? Number.NaN,
    }),
    hot(`HOT updates, at ${largest}`, drained.written),
    beside(
      `processor a mail, at ${largest}`,
      `${totalOf(drained.processor).toFixed(3)} ms (${parts(drained.processor, 3)})`,
    ),
    atMost(`at rest, a delivery, at ${largest}`, aRow(atRest.bytes), GOALS.atRest, {
      unit: 'B',
      digits: 0,
      note: `heap ${aRow(atRest.heapBytes).toFixed(0)}`,
    }),
    ...COSTS.map((name) => {
      const costs = sizes.map((size) => size.costs[name])
      const pages = costs.map((cost) => cost.pages)
      const figures = pages.map((number) => number.toFixed(number < 100 ? 1 : 0)).join(', ')
      const grown = `pages ${figures}: × ${growth(pages).toFixed(2)}`
      const ms = costs.map((cost) => cost.ms)
      return flat(`${name}, last / first, at ${span}`, ms, { digits: 3, note: grown })
    }),
  ]
}

export const ofKills = (kills: readonly Killed[]): Goal[] =>
  kills.flatMap(({ backend, mails, connections, twice, lost, seconds, startSeconds }) => [
    atMost(`kill -9, queue on ${backend}: sent twice`, twice, connections, {
      digits: 0,
      note: `of ${mails}; ${lost} lost; ${connections} connections`,
    }),
    atMost(`kill -9, queue on ${backend}: all has left`, seconds, GOALS.takenUpSeconds, {
      unit: 's',
      digits: 1,
      note: `after the death; the next worker was up after ${startSeconds.toFixed(1)}`,
    }),
  ])

export const ofIdle = ({ enrollments, seconds, share }: Idle): Goal[] => [
  below(`idle, ${sizeOf(enrollments)} enrollments`, totalOf(share), GOALS.idle, {
    unit: 'of a core',
    digits: 3,
    note: `over ${seconds} s: ${parts(share, 3)}`,
  }),
]

/** The most expensive statements in the largest ledger, as Markdown. */
export function statementsTable(sizes: readonly AtSize[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  const [first, last] = [sizes[0], sizes.at(-1)]
  if (!first || !last) return ''
  const aMail = (number: number, { drained }: AtSize = last) => number / drained.mails
  const lines = last.statements.slice(0, SHOWN).map((statement) => {
    const was = first.statements.find(({ text }) => text === statement.text)
    const grown = was ? (aMail(statement.ms) / aMail(was.ms, first)).toFixed(2) : ''
    return row([
      statement.text.slice(0, LONGEST).replaceAll('|', '\\|'),
      statement.calls,
      aMail(statement.ms).toFixed(4),
      aMail(statement.pages).toFixed(2),
      aMail(statement.walBytes).toFixed(0),
      grown,
    ])
  })
  return [
    row([
      `statement, at ${sizeOf(last.rows)}`,
      'calls',
      'ms a mail',
      'pages a mail',
      'WAL a mail, B',
      `ms, × at ${sizeOf(first.rows)}`,
    ]),
    row(['---', '---:', '---:', '---:', '---:', '---:']),
    ...lines,
  ].join('\n')
}

const SHOWN = 12
const LONGEST = 70
