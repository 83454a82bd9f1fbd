/** Drops months of the ledger that are over: whole, never row by row. */
import { sql } from 'kysely'
import {
  attach,
  boundsOf,
  changeExclusively,
  lockParent,
  type Month,
  nameOf,
  parentOf,
  type RunStatement,
  startDeadline,
  vacuumSoon,
} from './ledger-parts.ts'
import { tableExists } from './postgres/catalog.ts'
import { type Db, instant } from './postgres/sql.ts'

/** A month with at most this share of rows still wanted is exchanged for a copy of those. */
const MAX_WANTED_SHARE = 0.1

/** Drops a month of passing mails. Returns whether it could be done now. */
export async function dropPassing(db: Db, month: Month): Promise<boolean> {
  return (
    (await changeExclusively(db, async (tx) => drop(await startDeadline(tx), month))) !== 'busy'
  )
}

async function drop(run: RunStatement, month: Month): Promise<void> {
  const part = sql.table(nameOf(month))
  await run(lockParent(month.of))
  await run(sql`alter table ${sql.table(parentOf(month.of))} detach partition ${part}`)
  await run(sql`drop table ${part}`)
}

/** An enrollment e is wanted while it goes on, or if it ended after `since`. */
const isWanted = (since: Temporal.Instant) =>
  sql`(e.ended_at is null or e.ended_at > ${instant(since)})`

/** The enrollments of a month, by their ids. */
const isOfMonth = (month: Month) => {
  const [from, to] = boundsOf(month)
  return sql`e.id >= ${from}::uuid and e.id < ${to}::uuid`
}

export type DropResult = 'dropped' | 'exchanged' | 'wanted' | 'busy'

/**
 * Drops a month of enrollments if all of them ended before `since`, with everything that depends on
 * its rows. A single ongoing one must not keep all others forever: if little is wanted, a copy of
 * that replaces the month. `wanted`: too much of it is.
 */
export async function dropKept(db: Db, month: Month, since: Temporal.Instant): Promise<DropResult> {
  if (!(await hasWanted(db, month, since))) {
    const done = await changeExclusively(db, async (tx) => {
      await deleteDependentRows(tx, month, null)
      await drop(await startDeadline(tx), month)
    })
    return done === 'busy' ? done : 'dropped'
  }
  return (await isMostlyOver(db, month, since)) ? replaceWithCopy(db, month, since) : 'wanted'
}

async function hasWanted(db: Db, month: Month, since: Temporal.Instant): Promise<boolean> {
  const { rows } = await sql`
    select from enrollments e where ${isOfMonth(month)} and ${isWanted(since)} limit 1`.execute(db)
  return rows.length > 0
}

/**
 * Deletes what letters told, and who followed which link, along with the deliveries; with `since`,
 * only of enrollments that are over.
 */
async function deleteDependentRows(
  db: Db,
  month: Month,
  since: Temporal.Instant | null,
): Promise<void> {
  const part = sql.table(nameOf(month))
  const isOver = since
    ? sql`and not exists (select from enrollments e where e.id = d.enrollment_id
      and ${isWanted(since)})`
    : sql``
  for (const table of ['letters', 'click_marks']) {
    await sql`delete from ${sql.table(table)} l using ${part} d
      where l.delivery_id = d.id ${isOver}`.execute(db)
  }
}

/**
 * Returns whether little is wanted of a month's rows, as estimated by the planner. Counts no
 * further than that.
 */
async function isMostlyOver(db: Db, month: Month, since: Temporal.Instant): Promise<boolean> {
  const part = sql.table(nameOf(month))
  await sql`analyze ${part}`.execute(db)
  const { rows } = await sql<{ all: number }>`
    select reltuples::float8 as all from pg_class where oid = ${nameOf(month)}::regclass`.execute(
    db,
  )
  const most = Math.floor((rows[0]?.all ?? 0) * MAX_WANTED_SHARE)
  const { rows: counted } = await sql<{ wanted: number }>`
    select count(*)::float8 as wanted from (
      select from enrollments e join ${part} d on d.enrollment_id = e.id
      where ${isOfMonth(month)} and ${isWanted(since)} limit ${most + 1}
    ) as front`.execute(db)
  return (counted[0]?.wanted ?? 0) <= most
}

/** Its wanted rows, found by the index on enrollments, since they are few of many. */
const wantedOf = (month: Month, since: Temporal.Instant) => sql`
  select d.* from enrollments e, lateral (
    select * from ${sql.table(nameOf(month))} d where d.enrollment_id = e.id offset 0
  ) as d where ${isOfMonth(month)} and ${isWanted(since)}`

/** Name of the table in which the copy of a month is made. */
const copyNameOf = (month: Month) => `${nameOf(month)}_left`

/**
 * Exchanges a month for a copy of its wanted rows. The copy is filled alongside the month while
 * mail goes on; what has changed in between is caught up under the lock. If comparing takes longer
 * than `startDeadline` allows, the copy is dropped and the month stays: less of it is wanted with
 * every enrollment that ends, and it is tried again.
 */
async function replaceWithCopy(db: Db, month: Month, since: Temporal.Instant): Promise<DropResult> {
  const filled = await fillCopy(db, month, since)
  if (filled === 'busy') return filled
  return (await swapInCopy(db, month, since)) === 'busy' ? 'busy' : 'exchanged'
}

export async function fillCopy(db: Db, month: Month, since: Temporal.Instant) {
  const [part, copy] = [sql.table(nameOf(month)), sql.table(copyNameOf(month))]
  return changeExclusively(db, async (tx) => {
    // Left over from a crash.
    await sql`drop table if exists ${copy}`.execute(tx)
    await sql`create table ${copy} (like ${part} including all)`.execute(tx)
    await vacuumSoon(copyNameOf(month)).execute(tx)
    await sql`insert into ${copy} ${wantedOf(month, since)}`.execute(tx)
    await sql`analyze ${copy}`.execute(tx)
    await deleteDependentRows(tx, month, since)
  })
}

export async function swapInCopy(db: Db, month: Month, since: Temporal.Instant) {
  const [name, part, copy] = [nameOf(month), sql.table(nameOf(month)), sql.table(copyNameOf(month))]
  return changeExclusively(db, async (tx) => {
    const run = await startDeadline(tx)
    await run(lockParent(month.of))
    // Another process has already exchanged it, or has dropped the copy as a leftover.
    if (!(await tableExists(tx, copyNameOf(month)))) return 'busy'
    await run(sql`lock table ${part} in access exclusive mode`)
    await run(sql`delete from ${copy} c where not exists (
      select from ${part} d where d.id = c.id and d.* is not distinct from c.*)`)
    await run(sql`insert into ${copy} select w.* from (${wantedOf(month, since)}) as w
      where not exists (select from ${copy} c where c.id = w.id)`)
    await drop(run, month)
    await run(sql`alter table ${copy} rename to ${sql.id(name)}`)
    await run(attach(month))
  })
}

/**
 * Drops copies of months that never replaced them, because something was in the way or the process
 * was killed: erasing a person does not reach such a copy.
 */
export async function dropCopies(db: Db): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relname ~ '^deliveries_kept_\\d{4}_\\d{2}_left$' and relkind = 'r'
      and relnamespace = current_schema()::regnamespace`.execute(db)
  for (const { name } of rows)
    await changeExclusively(db, (tx) => sql`drop table if exists ${sql.table(name)}`.execute(tx))
}
