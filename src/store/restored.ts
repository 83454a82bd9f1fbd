/**
 * Mails that may have left in a past the database knows nothing of, because it was restored from a
 * backup.
 */
import { type RawBuilder, sql } from 'kysely'
import { OUTSTANDING, transitionOf } from '../domain/delivery.ts'
import { isTriedAutomatically } from './eligibility.ts'
import { type Db, literals } from './postgres/sql.ts'
import { compactedColumns } from './sendings.ts'

/** Number of mails of a series that were due on one local date. */
export interface DueCount {
  readonly series: string
  readonly date: string
  readonly mails: number
}

/** When the lost past may have begun and ended; `from` is null if unknown. */
export interface RestoredSpan {
  readonly from: Temporal.Instant | null
  readonly until: Temporal.Instant
  /**
   * How many times a delivery whose outcome is unknown may be resent; others wait for an operator
   * anyway.
   */
  readonly resends: number
}

/**
 * Mails in the ledger that had not left when the backup was made and have been due since, except
 * those held by a pause.
 */
const mayHaveLeft = ({ from, until, resends }: RestoredSpan) => sql`
  d.status in (${literals(OUTSTANDING)}) and ${isTriedAutomatically(resends)}
  and d.due_at <= ${String(until)}::timestamptz and d.until > ${from && String(from)}::timestamptz is not false
  and (d.status = 'sending' or d.try_at < d.until)`

/** Counts them by series and local date. */
export async function count(db: Db, span: RestoredSpan): Promise<DueCount[]> {
  const { rows } = await sql<DueCount>`
    select d.series, d.local_date::text as date, count(*)::int as mails
    from ledger d where ${mayHaveLeft(span)} group by 1, 2 order by 1, 2`.execute(db)
  return rows
}

/** Counts them as sent, under the Message-IDs they had or would have had. Returns how many. */
export const countAsSent = (db: Db, span: RestoredSpan, domain: string) =>
  recordAsSent(db, mayHaveLeft(span), domain)

/** Counts these as sent, each when it was first tried or else when it was due. */
export const countTheseAsSent = (db: Db, ids: readonly string[], domain: string) =>
  recordAsSent(db, sql`d.id = any (${[...ids]}::uuid[])`, domain)

const SENT_AT = sql`coalesce(d.first_tried_at, d.due_at)`

async function recordAsSent(db: Db, which: RawBuilder<unknown>, domain: string): Promise<number> {
  const [{ from, to }, merged] = [transitionOf('count'), transitionOf('merge').to]
  const status = sql`case when d.merged_into is null then ${to} else ${merged} end`
  const { numAffectedRows } = await sql`
    update ledger d set
      status = ${status},
      sent_at = ${SENT_AT},
      ${compactedColumns(status, {
        edition: sql`d.edition`,
        server: sql`d.server`,
        reply: sql`d.reply`,
        messageId: sql`coalesce(d.message_id,
          case when d.merged_into is null then '@' || ${domain}::text end)`,
        tryAt: sql`d.try_at`,
        sentAt: SENT_AT,
        firstTriedAt: sql`null`,
      })},
      reason = 'counted as sent after a restore',
      reason_code = null,
      queued_at = null
    where ${which} and d.status in (${literals(from)})`.execute(db)
  return Number(numAffectedRows ?? 0n)
}
