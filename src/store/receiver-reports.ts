/** What receivers report about mail in our name and mail to us: see domain/receiver-report.ts. */
import { sql } from 'kysely'
import {
  MAX_REPORTS_PER_DAY,
  type ReceiverReport,
  type ReceiverReportKind,
} from '../domain/receiver-report.ts'
import { type Db, instant, newId } from './postgres/sql.ts'

/**
 * Stores a report; returns whether it is new. No more than MAX_REPORTS_PER_DAY are stored within a
 * day, so that made-up ones cannot fill the disk.
 */
export async function add(
  db: Db,
  { kind, org, reportId, domain, from, until, good, bad, details }: ReceiverReport,
  now: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await sql`
    insert into receiver_reports (id, kind, org, report_id, domain, begins_at, ends_at, good, bad,
      detail, received_at)
    select ${newId(now)}::uuid, ${kind}, ${org}, ${reportId}, ${domain}, ${instant(from)},
      ${instant(until)}, ${good}::bigint,
      ${bad}::bigint, ${JSON.stringify(details)}::jsonb, ${instant(now)}
    where (select count(*) from receiver_reports
      where received_at > ${instant(now.subtract({ hours: 24 }))}) < ${MAX_REPORTS_PER_DAY}
    on conflict (kind, org, report_id) do nothing returning id`.execute(db)
  return rows.length > 0
}

export interface ReportTotals {
  readonly kind: ReceiverReportKind
  readonly domain: string
  readonly reports: number
  readonly orgs: number
  readonly good: number
  readonly bad: number
}

/** Sums up what came since `since`, by kind and domain. */
export async function totals(db: Db, since: Temporal.Instant): Promise<ReportTotals[]> {
  const { rows } = await sql<ReportTotals>`
    select kind, domain, count(*)::int as reports, count(distinct org)::int as orgs,
      sum(good)::float8 as good, sum(bad)::float8 as bad
    from receiver_reports where received_at >= ${instant(since)}
    group by kind, domain order by kind, domain limit 100`.execute(db)
  return rows
}

export interface DetailTotals {
  readonly kind: ReceiverReportKind
  readonly domain: string
  readonly source: string
  readonly isGood: boolean
  readonly how: string
  readonly count: number
}

/** Returns their details: those that speak against us first, and each group by count. */
export async function details(
  db: Db,
  since: Temporal.Instant,
  limit: number,
): Promise<DetailTotals[]> {
  const { rows } = await sql<DetailTotals>`
    select r.kind, r.domain, x.source, x."isGood", x.how, sum(x.count)::float8 as count
    from receiver_reports r,
      jsonb_to_recordset(r.detail) as x (source text, "isGood" boolean, how text, count bigint)
    where r.received_at >= ${instant(since)}
    group by 1, 2, 3, 4, 5 order by x."isGood", count desc, x.source limit ${limit}`.execute(db)
  return rows
}

export const purge = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('receiver_reports').where('received_at', '<', instant(before)).execute()
