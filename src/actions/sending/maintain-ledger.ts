/** Long-term upkeep of the ledger: months are created ahead, and dropped once they are over. */
import {
  endedSince,
  hasBegun,
  keptUntil,
  monthsAhead,
  passingSince,
  passingUntil,
  type Retention,
} from '../../domain/retention.ts'
import { DAY, SECOND } from '../../domain/time.ts'
import { NIL_UUID } from '../../domain/uuid.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'ledgerParts' | 'ledgerDrop' | 'oldLedger'>
  readonly retention: Retention
  /** What this process remembers between turns. */
  readonly keeping: MaintenanceState
}

export interface MaintenanceState {
  /** How far the tables of the old ledger have been processed. */
  readonly after: Map<string, string>
  /** When months were last found to be wanted, in milliseconds of the epoch, by the part's name. */
  readonly wanted: Map<string, number>
}

export const openMaintenanceState = (): MaintenanceState => ({
  after: new Map(),
  wanted: new Map(),
})

/** How long a month that is still wanted is not checked again. */
const WANTED_RECHECK_MS = DAY
/** How long one turn spends on moving the old ledger. */
const MOVE_TIME_LIMIT_MS = 10 * SECOND

/**
 * Creates the parts of this month and the next ones, and drops the months that are over. Whatever
 * would block mail or another process is left to the next turn.
 */
export async function maintainLedger(now: Temporal.Instant, deps: Deps): Promise<void> {
  await makeMonths(now, deps)
  await dropMonths(now, deps)
}

async function makeMonths(now: Temporal.Instant, { db, log, stores }: Deps): Promise<void> {
  const ahead = monthsAhead(now)
  const classes = ['kept', 'passing'] as const
  const present = classes.flatMap((of) => ahead.map((month) => ({ of, month })))
  const found = await stores.ledgerParts.monthsWithoutPartition(db, ahead.at(-1) ?? monthOf(now))
  const there = new Set((await stores.ledgerParts.all(db)).map(({ name }) => name))
  for (const month of [...present, ...found]) {
    const part = stores.ledgerParts.nameOf(month)
    if (there.has(part)) continue
    const made = await stores.ledgerParts.make(db, month)
    if (made === 'busy') log.debug({ part }, 'a ledger month is created in a later turn')
    else if (made.moved > 0)
      log.info({ part, moved: made.moved }, 'rows without a ledger month have been moved to theirs')
  }
}

const monthOf = (now: Temporal.Instant) =>
  now.toZonedDateTimeISO('UTC').toPlainDate().toPlainYearMonth()

async function dropMonths(now: Temporal.Instant, deps: Deps): Promise<void> {
  const { db, log, stores } = deps
  await stores.ledgerDrop.dropCopies(db)
  for (const part of await stores.ledgerParts.all(db)) {
    const done = await dropMonth(part, now, deps)
    const { name, rows, bytes } = part
    if (done === 'busy') log.debug({ name }, 'a ledger month is dropped in a later turn')
    else if (done === 'dropped') log.info({ name, rows, bytes }, 'a ledger month was dropped')
    else if (done === 'exchanged')
      log.info({ name, rows, bytes }, 'a ledger month was dropped, except for rows still needed')
  }
}

async function dropMonth(
  part: stores.ledgerParts.Partition,
  now: Temporal.Instant,
  { db, stores, retention, keeping }: Deps,
): Promise<stores.ledgerDrop.DropResult> {
  const { name, of, month } = part
  if (of === 'passing') {
    if (!hasBegun(passingUntil(month, retention), now)) return 'wanted'
    return (await stores.ledgerDrop.dropPassing(db, part)) ? 'dropped' : 'busy'
  }
  const looked = keeping.wanted.get(name) ?? Number.NEGATIVE_INFINITY
  const isLate = now.epochMilliseconds - looked >= WANTED_RECHECK_MS
  if (!hasBegun(keptUntil(month, retention), now) || !isLate) return 'wanted'
  const done = await stores.ledgerDrop.dropKept(db, part, endedSince(now, retention))
  if (done === 'wanted') keeping.wanted.set(name, now.epochMilliseconds)
  return done
}

/**
 * Moves what is still wanted of older forms of the ledger to its months, for some seconds; does
 * nothing once that is done. Any number of processes may run this: each batch belongs to one.
 */
export async function moveOldLedger(now: Temporal.Instant, deps: Deps): Promise<void> {
  const { db, log, stores, retention, keeping } = deps
  const full = await fullTables(deps)
  if (full.length === 0) return stores.oldLedger.retire(db)
  const wanted = {
    passingSince: passingSince(now, retention),
    endedSince: endedSince(now, retention),
    upTo: monthsAhead(now).at(-1) ?? monthOf(now),
  }
  const [end, total] = [performance.now() + MOVE_TIME_LIMIT_MS, { moved: 0, forgotten: 0 }]
  for (const table of full) {
    while (performance.now() < end) {
      const after = keeping.after.get(table) ?? NIL_UUID
      const some = await stores.oldLedger.moveBatch(db, { table, after }, wanted)
      if (some === 'busy') break
      total.moved += some.moved
      total.forgotten += some.forgotten
      keeping.after.set(table, some.last ?? NIL_UUID)
      if (some.last === null) break
    }
  }
  const left = await stores.oldLedger.remaining(db)
  if (left && total.moved + total.forgotten === 0) return
  log.info(
    { ...total, rowsLeft: left?.rows ?? 0, from: left && String(left.from) },
    left ? 'the old ledger is being moved to its months' : 'the old ledger has been moved',
  )
  if (!left && (await fullTables(deps)).length === 0) await stores.oldLedger.retire(db)
}

/** Frees the tables that are empty, and returns the others. */
async function fullTables({ db, stores }: Deps): Promise<string[]> {
  const full: string[] = []
  for (const table of await stores.oldLedger.tables(db))
    if (!(await stores.oldLedger.free(db, table))) full.push(table)
  return full
}
