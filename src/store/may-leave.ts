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
