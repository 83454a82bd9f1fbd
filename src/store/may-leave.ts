import { type Expression, type SqlBool, sql } from 'kysely'

/**
 * Does the person want this delivery? For statements with deliveries as d, enrollments as e and subscribers
 * as s. Its enrollment is what the kind of mail needs, and nobody has suppressed the address. Someone who
 * unsubscribed from everything may still be asked to confirm, and gets what they ask for themselves.
 */
export const isWanted: Expression<SqlBool> = sql`
  (case d.kind
    when 'confirm' then e.status = 'pending'
    when 'completion' then e.status = 'completed'
    when 'change' then true
    when 'changed' then true
    when 'link' then true
    else e.status in ('active', 'completed') end)
  and not exists (
    select from suppressions x where x.address_hash = s.address_hash
      and not (d.kind in ('confirm', 'change', 'changed', 'link') and x.reason = 'unsubscribe')
  )`

/** May it leave now? It is wanted, and its enrollment is not paused (I2). */
export const mayLeave: Expression<SqlBool> = sql`
  ${isWanted} and (e.paused_at is null or d.kind in ('change', 'changed', 'link'))`

/**
 * Does it have a mail of its own at `now`? An inspiration that goes with a lesson has one only when the lesson does
 * not leave on that date: it was skipped, is held back, or cannot be delivered.
 */
export const goesAlone = (now: Temporal.Instant): Expression<SqlBool> => sql`
  (d.merged_into is null or not exists (
    select from deliveries lesson
    where lesson.id = d.merged_into and lesson.local_date = d.local_date
      and lesson.status in ('planned', 'retry', 'sending', 'unknown')
      and lesson.try_at < lesson.until and lesson.until > ${String(now)}::timestamptz
  ))`
