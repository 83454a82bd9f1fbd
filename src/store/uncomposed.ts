/** Mails that could not be composed. */
import { type RawBuilder, sql } from 'kysely'
import { type DeliveryStatus, EXPECTED, UNCOMPOSED_PREFIX } from '../domain/delivery.ts'
import { withIndexScans } from './postgres/by-index.ts'
import { byName, type Db, literals, prepared } from './postgres/sql.ts'

export interface Uncomposed {
  readonly series: string
  /** Those that are tried again, and those with no try left. */
  readonly waiting: number
  readonly expired: number
  /** One of the reasons. */
  readonly reason: string
}

/** Must be worded exactly like this for their index to be used (migration 0056). */
const isUncomposed = sql`reason_code = 'not_composed'`

/**
 * Mails counted per course at most, so that a course of a million costs no more than one of a
 * thousand.
 */
const MAX_COUNTED = 1_000

/**
 * Returns those that wait and those whose window has closed since `since`, by series. Each count
 * stops at 1,000.
 */
export async function bySeries(db: Db, since: Temporal.Instant): Promise<Uncomposed[]> {
  const rows = await withIndexScans(db, async (tx) => ((await isAny(tx)) ? found(tx, since) : []))
  return rows.map(({ reason, ...row }) => ({
    ...row,
    reason: reason.replace(UNCOMPOSED_PREFIX, ''),
  }))
}

/**
 * Returns whether there are any at all: usually there are none, and planning a query on each month
 * of the ledger takes longer than running it.
 */
async function isAny(db: Db): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    ${prepared('any-uncomposed')} select exists (
      select from ledger where ${isUncomposed} and status in (${literals([...EXPECTED, 'expired'])})
    ) as is`.execute(db)
  return rows[0]?.is ?? false
}

async function found(db: Db, since: Temporal.Instant): Promise<Uncomposed[]> {
  const { rows } = await sql<Uncomposed>`
    with recursive names (series) as (
      (${firstOf(sql`true`)})
      union all
      select (${firstOf(sql`series > names.series`)}) from names where names.series is not null
    )
    select names.series, coalesce(waiting.reason, expired.reason) as reason, waiting.found as waiting, expired.found as expired
    from names,
      lateral (select count(*)::int as found, max(reason) as reason from (
        ${front(EXPECTED)}) as front) as waiting,
      lateral (select count(*)::int as found, max(reason) as reason from (
        ${front(['expired'], sql`and until > ${String(since)}::timestamptz`)}) as front) as expired
    where waiting.found + expired.found > 0 order by ${byName('names.series')}`.execute(db)
  return rows
}

/** For `names.series`. In the order of the index, so that it is read and not the whole ledger. */
const front = (statuses: readonly DeliveryStatus[], where: RawBuilder<unknown> = sql``) => sql`
  (select reason from ledger where ${isUncomposed} and status in (${literals(statuses)})
    and series = names.series ${where} order by until limit ${MAX_COUNTED})`

/** The first series by name that has such a mail: one step along each index. */
const firstOf = (where: RawBuilder<unknown>) => {
  const firsts = [EXPECTED, ['expired']].map(
    (statuses) => sql`(select series from ledger
      where ${isUncomposed} and status in (${literals(statuses)}) and ${where} order by series limit 1)`,
  )
  return sql`select least(${sql.join(firsts)})`
}
