import { type Expression, type SqlBool, sql } from 'kysely'

/**
 * May this delivery leave? For statements with deliveries as d, enrollments as e and subscribers as s.
 * Its enrollment is what the kind of mail needs, and nobody has suppressed the
 * address. Someone who unsubscribed from everything may still be asked to confirm a fresh enrollment.
 */
export const mayLeave: Expression<SqlBool> = sql`
  e.status = any (case d.kind
    when 'confirm' then array['pending']
    when 'completion' then array['completed']
    else array['active', 'completed'] end)
  and not exists (
    select from suppressions x where x.address_hash = s.address_hash
      and not (d.kind = 'confirm' and x.reason = 'unsubscribe')
  )`
