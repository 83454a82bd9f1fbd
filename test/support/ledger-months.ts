/** A ledger on a database of its own, with mails of any month, and the upkeep of its months. */
import { sql } from 'kysely'
import { inject } from 'vitest'
import {
  maintainLedger,
  moveOldLedger,
  openMaintenanceState,
} from '../../src/actions/sending/maintain-ledger.ts'
import type { DeliveryKind } from '../../src/domain/delivery.ts'
import { RETENTION_DAYS } from '../../src/domain/retention.ts'
import { openLog } from '../../src/platform/log.ts'
import { ledgerDrop, ledgerParts, oldLedger } from '../../src/store/index.ts'
import { ensureItems, itemIdOf, itemOf } from '../../src/store/ledger-items.ts'
import { OLD_RETENTIONS, RETENTION } from '../../src/store/new-deliveries.ts'
import { type Db, newId, openDatabase } from '../../src/store/postgres/sql.ts'
import { scratchOf } from './scratch.ts'

export const at = (day: string) => Temporal.Instant.from(`${day}T12:00:00Z`)
export const NOW = at('2027-03-19')
export const kept = (month: string) => ({
  of: 'kept' as const,
  month: Temporal.PlainYearMonth.from(month),
})
export const passing = (month: string) => ({ ...kept(month), of: 'passing' as const })

const depsOf = (db: Db) => ({
  db,
  log: openLog('silent'),
  stores: { ledgerParts, ledgerDrop, oldLedger },
  retention: RETENTION_DAYS,
  keeping: openMaintenanceState(),
})

/** Moves what is in tables of older versions, and drops them. */
export async function moveAll(db: Db, now = Temporal.Now.instant()): Promise<void> {
  const deps = depsOf(db)
  while (await oldLedger.remaining(db)) await moveOldLedger(now, deps)
  await moveOldLedger(now, deps)
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>

export async function openLedger() {
  const scratch = await scratchOf(inject('templates').bare)
  const { db, pool, close } = await openDatabase(scratch.url, () => {})
  const deps = () => depsOf(db)
  return {
    db,
    pool,
    deps,
    close: async () => {
      await close()
      await scratch.drop()
    },
    keep: () => maintainLedger(NOW, deps()),
    names: async () =>
      (await ledgerParts.all(db)).map(({ name }) => name.replace('deliveries_', '')),
    enrolledOn: (day: string, endedOn?: string) => enrolledOn(db, day, endedOn),
    sent: (of: Row, within = db) => sent(within, of),
    told: (id: string) => told(db, id),
    where: (within = db) => where(within),
    idsIn: (table: string) => idsIn(db, table),
  }
}

/** An enrollment that began on a day, and ended on another or continues. */
async function enrolledOn(db: Db, day: string, endedOn: string | null = null): Promise<string> {
  const id = newId(at(day))
  await sql`with person as (
      insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
      values (${id}, ${id}, ${id}, ${Buffer.from(id)}, '', now()) returning id)
    insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays,
      created_at, due_on, due_at, ended_at)
    select id, id, 's', ${endedOn ? 'left' : 'active'}, '07:00', 'UTC', '{1}', ${String(at(day))},
      ${endedOn ? null : day}, ${endedOn ? null : String(at(day))},
      ${endedOn && String(at(endedOn))}
    from person`.execute(db)
  return id
}

export interface Row {
  readonly enrollment: string
  readonly on: string
  readonly kind?: DeliveryKind
  readonly item?: string
  readonly retention?: number
}

/** Adds a sent mail; returns its ID. */
async function sent(db: Db, of: Row): Promise<string> {
  const {
    enrollment,
    on,
    kind = 'lesson',
    item = on,
    retention = RETENTION[kind === 'inspiration' ? 'passing' : 'kept'],
  } = of
  const id = newId(at(on))
  const isOld = (OLD_RETENTIONS as readonly number[]).includes(retention)
  if (!isOld) await ensureItems(db, [{ series: 's', kind, item }])
  await sql`insert into ledger (id, enrollment_id, series, kind, item, local_date, due_at,
    until, try_at, created_at, status, retention, item_id)
    select ${id}, ${enrollment}, m.series, m.kind, m.item, ${on}, now(), now(), now(), now(), 'sent',
      ${retention}, case when not ${isOld}::boolean then ${itemIdOf} end
    from (select 's' as series, ${kind}::text as kind, ${item}::text as item) as m`.execute(db)
  return id
}

/** Adds rows that depend on a delivery. */
export const told = (db: Db, id: string) =>
  sql`with l as (insert into letters (delivery_id, articles, through) values (${id}, '{a}', now()))
    insert into click_marks (delivery_id, link) values (${id}, 0)`.execute(db)

/** The partitions of the rows: "kept_2027_01 <item>". */
async function where(db: Db): Promise<string[]> {
  const { rows } = await sql<{ row: string }>`
    select replace(tableoid::regclass::text, 'deliveries_', '') || ' ' || item as row
      from (select tableoid, ${itemOf} as item from ledger d) as d order by 1`.execute(db)
  return rows.map(({ row }) => row)
}
const idsIn = async (db: Db, table: string) => {
  const { rows } = await sql<{
    id: string
  }>`select delivery_id as id from ${sql.table(table)}`.execute(db)
  return rows.map(({ id }) => id)
}
