/**
 * How many rows there are of each status, at the same cost whatever their number: a small table is
 * counted, and of a large one what is rare or has an index of its own is counted too; for the rest
 * the database's own statistics are good enough.
 */
import { type RawBuilder, sql } from 'kysely'
import type { DeliveryStatus } from '../domain/delivery.ts'
import type { EnrollmentStatus } from '../domain/enrollment.ts'
import { hasNoTryLeft } from './eligibility.ts'
import type { Db } from './postgres/sql.ts'

export interface Totals<S extends string> {
  readonly counts: Partial<Record<S, number>>
  /** Which of them are estimates. */
  readonly estimated: readonly S[]
}

/** Bytes of a table that is counted row by row. */
const SMALL = 32 * 1024 ** 2
/** Rows of a large table that are counted of each status, by its index. */
const MOST_COUNTED = 20_000

/** Statements that find all rows of a status by their indexes, status by status. */
type Indexed<S extends string> = Partial<Record<S, readonly RawBuilder<unknown>[]>>

const waiting = (status: DeliveryStatus) => [
  sql`select from deliveries where status = ${sql.lit(status)} and try_at < until and kind = 'lesson'`,
  sql`select from deliveries where status = ${sql.lit(status)} and try_at < until and kind <> 'lesson'`,
  sql`select from deliveries d where ${hasNoTryLeft} and d.status = ${sql.lit(status)}`,
]
const ended = (status: DeliveryStatus) => [
  sql`select from deliveries
    where coalesce(status, '') in ('bounced', 'refused', 'expired', 'skipped') and status = ${sql.lit(status)}`,
]

const DELIVERIES: Indexed<DeliveryStatus> = {
  planned: waiting('planned'),
  retry: waiting('retry'),
  sending: [sql`select from deliveries where status = 'sending'`],
  unknown: [sql`select from deliveries where status = 'unknown'`],
  bounced: ended('bounced'),
  refused: ended('refused'),
  expired: ended('expired'),
  skipped: ended('skipped'),
}
const ENROLLMENTS: Indexed<EnrollmentStatus> = {
  pending: [sql`select from enrollments where status = 'pending'`],
  active: [sql`select from enrollments where status = 'active'`],
}

export const ofDeliveries = (db: Db) => totals<DeliveryStatus>(db, 'deliveries', DELIVERIES)

export const ofEnrollments = (db: Db) => totals<EnrollmentStatus>(db, 'enrollments', ENROLLMENTS)

async function totals<S extends string>(
  db: Db,
  table: string,
  indexed: Indexed<S>,
): Promise<Totals<S>> {
  const known = await statisticsOf(db, table)
  if (known.bytes <= SMALL || known.rows <= 0 || !known.shares) return counted(db, table)
  const exact = await countedByIndex(db, indexed)
  const counts: Partial<Record<S, number>> = {}
  const estimated: S[] = []
  for (const status of new Set([...Object.keys(exact), ...Object.keys(known.shares)]) as Set<S>) {
    const isKnown = status in indexed && exact[status] < MOST_COUNTED
    const estimate = Math.round((known.shares[status] ?? 0) * known.rows)
    const count = isKnown ? exact[status] : Math.max(exact[status] ?? 0, estimate)
    if (count > 0) counts[status] = count
    if (count > 0 && !isKnown) estimated.push(status)
  }
  return { counts, estimated }
}

interface Statistics {
  readonly bytes: number
  readonly rows: number
  /** The share of each status, as of when the database last looked; null: it has not. */
  readonly shares: Readonly<Record<string, number>> | null
}

/** What the database knows of a table without reading it; `rows` as its planner estimates them. */
async function statisticsOf(db: Db, table: string): Promise<Statistics> {
  const { rows } = await sql<Statistics>`
    select size::float8 as bytes,
      reltuples::float8 * size / 8192 / greatest(relpages, 1) as rows,
      (select jsonb_object_agg(status, share)
        from unnest(s.most_common_vals::text::text[], s.most_common_freqs) as of (status, share)) as shares
    from pg_class c
    cross join lateral pg_relation_size(c.oid) as size
    left join pg_stats s on s.schemaname = c.relnamespace::regnamespace::text and s.tablename = c.relname
      and s.attname = 'status'
    where c.oid = ${table}::regclass`.execute(db)
  return rows[0] ?? { bytes: 0, rows: 0, shares: null }
}

async function counted<S extends string>(db: Db, table: string): Promise<Totals<S>> {
  const { rows } = await sql<{ status: S; count: string }>`
    select status, count(*) as count from ${sql.table(table)} group by status`.execute(db)
  const counts = Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]))
  return { counts: counts as Partial<Record<S, number>>, estimated: [] }
}

async function countedByIndex<S extends string>(
  db: Db,
  indexed: Indexed<S>,
): Promise<Record<S, number>> {
  const all = Object.entries<readonly RawBuilder<unknown>[] | undefined>(indexed)
  const count = (rows: RawBuilder<unknown>) =>
    sql`(select count(*)::int from (${rows} limit ${MOST_COUNTED}) as front)`
  const columns = all.map(
    ([status, of]) => sql`${sql.join((of ?? []).map(count), sql` + `)} as ${sql.id(status)}`,
  )
  const { rows } = await sql<Record<S, number>>`select ${sql.join(columns)}`.execute(db)
  return rows[0] as Record<S, number>
}
