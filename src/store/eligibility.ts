import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import { CLAIMABLE, ON_REQUEST, TRANSACTIONAL, WAITING } from '../domain/delivery.ts'
import { OWN_WISH, UNTIL_PROVEN } from '../domain/suppression.ts'
import { isPaused } from './paused-series.ts'
import { literals } from './postgres/sql.ts'

/**
 * Has it not left, and is it tried within its window? For statements with deliveries as d. These
 * very words lead to the part of the ledger that has not ended, and to its indexes (migration
 * 0056).
 */
export const hasTryLeft: Expression<SqlBool> = sql`d.status in (${literals(CLAIMABLE)})
  and d.try_at < d.until`

/**
 * Is it not tried within its window any more? It is held, or waits for another morning or for the
 * window to close. Likewise, by an index of its own.
 */
export const hasNoTryLeft: Expression<SqlBool> = sql`d.status in (${literals(WAITING)})
  and d.try_at >= d.until`

/**
 * Is one of unknown outcome sent again by itself, when it has been so fewer than `resends` times?
 * Not when its reader has left meanwhile.
 */
export const isResent = (resends: number): RawBuilder<boolean> =>
  sql`(d.resends < ${resends} and not d.resends_ended)`

/** Is it tried by itself? */
export const isTried = (resends: number): RawBuilder<boolean> =>
  sql`(d.status <> 'unknown' or ${isResent(resends)})`

/**
 * Does the person want this delivery? For statements with deliveries as d, enrollments as e and
 * subscribers as s. Its enrollment is what the kind of mail needs, and nobody has suppressed the
 * address it goes to. Someone who unsubscribed from everything, or was erased, may still be asked
 * to confirm, and gets what they ask for themselves; but no link to mornings that they have left.
 * Whoever enrolls anew by an address that bounced is asked to confirm, too: it may exist by now.
 */
export const isWanted: Expression<SqlBool> = sql`
  (case d.kind
    when 'confirm' then e.status = 'pending'
    when 'completion' then e.status = 'completed'
    when 'link' then e.status in ('active', 'completed')
    else d.kind = any (${[...ON_REQUEST]}::text[]) or e.status in ('active', 'completed') end)
  and not exists (
    select from suppressions x where x.address_hash = coalesce(d.recipient_hash, s.address_hash)
      and not (d.kind = any (${[...TRANSACTIONAL]}::text[]) and d.kind <> 'link'
      and x.reason = any (${[...OWN_WISH]}::text[]))
      and not (d.kind = 'confirm' and x.reason = any (${[...UNTIL_PROVEN]}::text[]))
  )`

/** May it leave now? It is wanted, and neither its enrollment (I2) nor its series is paused. */
export const isEligible: Expression<SqlBool> = sql`
  ${isWanted} and (e.paused_at is null or d.kind = any (${[...ON_REQUEST]}::text[]))
  and not ${isPaused()}`

/**
 * Does it have a mail of its own at `now`? An inspiration that goes with a lesson has one only when
 * the lesson does not leave on that date: it was skipped, is held, its series is paused, or it
 * cannot be delivered.
 */
export const goesAlone = (now: Temporal.Instant): Expression<SqlBool> => sql`
  (d.merged_into is null or not exists (
    select from deliveries lesson
    where lesson.id = d.merged_into and lesson.local_date = d.local_date
      and lesson.status in ('planned', 'retry', 'sending', 'unknown')
      and lesson.try_at < lesson.until and lesson.until > ${String(now)}::timestamptz
      and not ${isPaused('lesson')}
  ))`
