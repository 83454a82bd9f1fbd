/**
 * The number of rows per status, at the same cost whatever the total: a small table is counted. Of
 * a large one, statuses that are rare or have an index of their own are counted, and the rest are
 * estimated from the database's own statistics.
 */
import { type RawBuilder, sql } from 'kysely'
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  isOutstanding,
  isSentOrMerged,
  OUTSTANDING,
  SENT_OR_MERGED,
} from '../domain/delivery.ts'
import type { EnrollmentStatus } from '../domain/enrollment.ts'
import { type Db, literals } from './postgres/sql.ts'

export interface Totals<S extends string> {
  readonly counts: Partial<Record<S, number>>
  /** Statuses whose count is an estimate. */
  readonly estimated: readonly S[]
}

/** Up to this many bytes, a table is counted row by row. */
const MAX_EXACT_BYTES = 32 * 1024 ** 2
/** Rows of a large table that one statement counts at most. */
const MAX_COUNTED = 20_000

/** Statements that return the `status` of all rows with some statuses, not the whole history. */
type Indexed<S extends string> = readonly {
  readonly of: readonly S[]
  readonly rows: RawBuilder<unknown>
  /** The same for each status by itself, used if there are too many rows together. */
  readonly each?: Indexed<S>
}[]

const RARE = DELIVERY_STATUSES.filter((status) => !isSentOrMerged(status) && !isOutstanding(status))
/**
 * Deliveries that have come are in no index of their own. These exact conditions match the partial
 * index of all other ended ones, and that of the ledger before migration 0056.
 */
const rare = (statuses: readonly DeliveryStatus[]) => sql`select status from ledger
  where status in (${literals(statuses)}) and status not in (${literals(SENT_OR_MERGED)})
  and coalesce(status, '') in (${literals(RARE)})`

/** By the statuses that a statement finds. Outstanding deliveries are scanned. */
const DELIVERIES: Indexed<DeliveryStatus> = [
  {
    of: OUTSTANDING,
    rows: sql`select status from ledger where status in (${literals(OUTSTANDING)})`,
  },
  // Together, since planning a statement on every month of the ledger takes longer than running it.
  {
    of: RARE,
    rows: rare(RARE),
    each: RARE.map((status) => ({ of: [status], rows: rare([status]) })),
  },
]
const ENROLLMENTS: Indexed<EnrollmentStatus> = [
  {
    of: ['pending'],
    rows: sql`select 'pending' as status from enrollments where status = 'pending'`,
  },
  { of: ['active'], rows: sql`select 'active' as status from due` },
]

export const ofDeliveries = (db: Db) => totals<DeliveryStatus>(db, 'ledger', DELIVERIES)

export const ofEnrollments = (db: Db) => totals<EnrollmentStatus>(db, 'enrollments', ENROLLMENTS)

async function totals<S extends string>(
  db: Db,
  table: string,
  indexed: Indexed<S>,
): Promise<Totals<S>> {
  const known = await statisticsOf(db, table)
  if (known.bytes <= MAX_EXACT_BYTES || known.rows <= 0 || !known.shares) return counted(db, table)
  const { counts, uncounted } = await countedByIndex(db, indexed)
  const found = new Set<S>(indexed.flatMap(({ of }) => of))
  const estimated: S[] = []
  for (const [status, share] of Object.entries(known.shares) as [S, number][]) {
    if (found.has(status) && !uncounted.has(status)) continue
    const estimate = Math.max(counts[status] ?? 0, Math.round(share * known.rows))
    if (estimate === 0) continue
    counts[status] = estimate
    estimated.push(status)
  }
  return { counts, estimated }
}

interface Statistics {
  readonly bytes: number
  readonly rows: number
  /** Share of each status, as of the database's last statistics; null if there are none. */
  readonly shares: Readonly<Record<string, number>> | null
}

/**
 * Returns what the database knows about a table without reading it, all partitions together; `rows`
 * is its planner's estimate.
 */
async function statisticsOf(db: Db, table: string): Promise<Statistics> {
  const { rows } = await sql<{ bytes: number; rows: number; shares: Statistics['shares'] }>`
    select size::float8 as bytes, greatest(reltuples, 0)::float8 * size / 8192 / greatest(relpages,
      1) as rows,
      (select jsonb_object_agg(status, share)
        from unnest(s.most_common_vals::text::text[], s.most_common_freqs) as of (status,
          share)) as shares
    from (select ${table}::regclass as oid) as whole
    -- Of a table that is not in parts there are none.
    left join lateral pg_partition_tree(whole.oid) p on p.isleaf
    join pg_class c on c.oid = coalesce(p.relid, whole.oid)
    cross join lateral pg_relation_size(c.oid) as size
    left join pg_stats s on s.schemaname = c.relnamespace::regnamespace::text
      and s.tablename = c.relname
      and s.attname = 'status'`.execute(db)
  const total = rows.reduce((sum, part) => sum + part.rows, 0)
  const shares: Record<string, number> = {}
  for (const part of rows) {
    for (const [status, share] of Object.entries(part.shares ?? {}))
      shares[status] = (shares[status] ?? 0) + (share * part.rows) / total
  }
  const isKnown = rows.some((part) => part.shares !== null)
  return {
    bytes: rows.reduce((sum, part) => sum + part.bytes, 0),
    rows: total,
    shares: isKnown ? shares : null,
  }
}

async function counted<S extends string>(db: Db, table: string): Promise<Totals<S>> {
  const { rows } = await sql<{ status: S; count: string }>`
    select status, count(*) as count from ${sql.table(table)} group by status`.execute(db)
  const counts = Object.fromEntries(rows.map(({ status, count }) => [status, Number(count)]))
  return { counts: counts as Partial<Record<S, number>>, estimated: [] }
}

/** `uncounted`: statuses with too many rows to count. */
async function countedByIndex<S extends string>(db: Db, indexed: Indexed<S>) {
  const counts: Partial<Record<S, number>> = {}
  const uncounted = new Set<S>()
  for (const { of, rows: found, each } of indexed) {
    const { rows } = await sql<{ status: S; count: number }>`
      select status, count(*)::int as count from (${found} limit ${MAX_COUNTED}) as front
      group by status`.execute(db)
    const total = rows.reduce((sum, { count }) => sum + count, 0)
    for (const { status, count } of rows) counts[status] = count
    if (total < MAX_COUNTED) continue
    const apart = each && (await countedByIndex(db, each))
    Object.assign(counts, apart?.counts)
    for (const status of apart?.uncounted ?? of) uncounted.add(status)
  }
  return { counts, uncounted }
}
