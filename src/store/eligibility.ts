import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import { CLAIMABLE, ON_REQUEST, TRANSACTIONAL, WAITING } from '../domain/delivery.ts'
import { BOUNCE_SUPPRESSION_REASONS, OWNER_SUPPRESSION_REASONS } from '../domain/suppression.ts'
import { isPaused } from './paused-series.ts'
import { literals } from './postgres/sql.ts'

/**
 * Whether it has not left and its next try comes before its window closes. For statements with
 * the ledger as d. Must be worded exactly like this for PostgreSQL to read only the part of the
 * ledger that has not ended, by its indexes (migration 0056).
 */
export const hasTryLeft: Expression<SqlBool> = sql`d.status in (${literals(CLAIMABLE)})
  and d.try_at < d.until`

/**
 * Whether it waits and its next try would come after its window closes: it is held, or waits for
 * another morning or for the window to close. Worded likewise for an index of its own.
 */
export const hasNoTryLeft: Expression<SqlBool> = sql`d.status in (${literals(WAITING)})
  and d.try_at >= d.until`

/**
 * Whether a delivery of unknown outcome is resent by itself: it was resent fewer than `resends`
 * times, and its reader has not left meanwhile.
 */
export const isResentAutomatically = (resends: number): RawBuilder<boolean> =>
  sql`(d.resends < ${resends} and not d.resends_ended)`

/** Whether it is tried without an operator's decision. */
export const isTriedAutomatically = (resends: number): RawBuilder<boolean> =>
  sql`(d.status <> 'unknown' or ${isResentAutomatically(resends)})`

/**
 * Whether the person wants this delivery. For statements with deliveries as d, enrollments as e and
 * subscribers as s. The enrollment must be in the state that the kind of mail needs, and the
 * address must not be suppressed. Someone who unsubscribed from everything, or was erased, may
 * still be asked to confirm and gets what they ask for themselves, but no link to mornings that
 * they have left. Someone who enrolls again with an address that bounced is asked to confirm, too:
 * it may exist by now.
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
      and x.reason = any (${[...OWNER_SUPPRESSION_REASONS]}::text[]))
      and not (d.kind = 'confirm' and x.reason = any (${[...BOUNCE_SUPPRESSION_REASONS]}::text[]))
  )`

/** Whether it may leave now: wanted, with neither its enrollment (I2) nor its series paused. */
export const isEligible: Expression<SqlBool> = sql`
  ${isWanted} and (e.paused_at is null or d.kind = any (${[...ON_REQUEST]}::text[]))
  and not ${isPaused()}`

/**
 * Whether it is a mail of its own at `now`. An inspiration that goes with a lesson is one only if
 * the lesson does not leave on that date: it was skipped, is held, its series is paused, or it
 * cannot be delivered.
 */
export const isSentSeparately = (now: Temporal.Instant): Expression<SqlBool> => sql`
  (d.merged_into is null or not exists (
    select from ledger lesson
    where lesson.id = d.merged_into and lesson.local_date = d.local_date
      and lesson.status in ('planned', 'retry', 'sending', 'unknown')
      and lesson.try_at < lesson.until and lesson.until > ${String(now)}::timestamptz
      and not ${isPaused('lesson')}
  ))`
