/** Mails that could not be composed, by the reason that is written to them. */
import { sql } from 'kysely'
import { UNCOMPOSED } from '../domain/delivery.ts'
import { byName, type Db } from './sql.ts'

export interface Uncomposed {
  readonly series: string
  /** That are tried again, and that no try is left for. */
  readonly waiting: number
  readonly expired: number
  /** One of the reasons. */
  readonly reason: string
}

/** In these very words, which lead to their index (migration 0017). */
const isUncomposed = sql.raw(`reason like '${UNCOMPOSED}%'`)

/** Those that wait, and those whose window has closed since a moment; by series. */
export async function bySeries(db: Db, since: Temporal.Instant): Promise<Uncomposed[]> {
  const { rows } = await sql<Uncomposed>`
    select series, max(reason) as reason,
      (count(*) filter (where status <> 'expired'))::int as waiting,
      (count(*) filter (where status = 'expired'))::int as expired
    from deliveries
    where ${isUncomposed} and (status in ('planned', 'retry', 'sending')
      or (status = 'expired' and until > ${String(since)}::timestamptz))
    group by series order by ${byName('series')}`.execute(db)
  return rows.map(({ reason, ...row }) => ({ ...row, reason: reason.slice(UNCOMPOSED.length) }))
}
