/** Mails that could not be composed, by the reason that is written to them. */
import { type RawBuilder, sql } from 'kysely'
import { UNCOMPOSED } from '../domain/delivery.ts'
import { byName, type Db } from './postgres/sql.ts'

export interface Uncomposed {
  readonly series: string
  /** That are tried again, and that no try is left for. */
  readonly waiting: number
  readonly expired: number
  /** One of the reasons. */
  readonly reason: string
}

/** In these very words, which lead to their indexes (migration 0022). */
const isUncomposed = sql.raw(`reason like '${UNCOMPOSED}%'`)

/**
 * So many of each course are counted, so that a course of a million costs no more than one of a
 * thousand.
 */
const MOST = 1_000

/**
 * Those that wait, and those whose window has closed since a moment; by series. Each count ends at
 * 1,000.
 */
export async function bySeries(db: Db, since: Temporal.Instant): Promise<Uncomposed[]> {
  const { rows } = await sql<Uncomposed>`
    with recursive names (series) as (
      (${firstOf(sql`true`)})
      union all
      select (${firstOf(sql`series > names.series`)}) from names where names.series is not null
    )
    select names.series, coalesce(waiting.reason, expired.reason) as reason, waiting.found as waiting, expired.found as expired
    from names,
      lateral (select count(*)::int as found, max(reason) as reason from (
        select reason from deliveries where ${isUncomposed} and status in ('planned', 'retry', 'sending')
          and series = names.series limit ${MOST}) as front) as waiting,
      lateral (select count(*)::int as found, max(reason) as reason from (
        select reason from deliveries where ${isUncomposed} and status = 'expired'
          and series = names.series and until > ${String(since)}::timestamptz limit ${MOST}) as front) as expired
    where waiting.found + expired.found > 0 order by ${byName('names.series')}`.execute(db)
  return rows.map(({ reason, ...row }) => ({ ...row, reason: reason.slice(UNCOMPOSED.length) }))
}

/**
 * The first series, in the order of their names, that has such a mail: one step along each index.
 */
const firstOf = (where: RawBuilder<unknown>) => sql`
  select least(
    (select series from deliveries where ${isUncomposed} and status in ('planned', 'retry', 'sending') and ${where}
      order by series limit 1),
    (select series from deliveries where ${isUncomposed} and status = 'expired' and ${where} order by series limit 1))`
