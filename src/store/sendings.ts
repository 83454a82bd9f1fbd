/**
 * What many mails have in common once they have come: one edition, handed to one server, under the
 * domain of one Message-ID. It stands once, and their rows name it by its number (migration 0062).
 */
import { type RawBuilder, sql } from 'kysely'
import { CAME } from '../domain/delivery.ts'
import { literals } from './postgres/sql.ts'

const DOMAIN = `substr(message_id, 2)`
/** Whether that is all that is kept of it: see message-id.ts. */
const HAS_DOMAIN = `(message_id is null or starts_with(message_id, '@'))`

/** What a row is about to say of a mail that has come, each as an expression over d. */
interface Came {
  readonly edition: RawBuilder<unknown>
  readonly server: RawBuilder<unknown>
  /** As keptMessageId makes it. */
  readonly messageId: RawBuilder<unknown>
  /** For one that has not come. */
  readonly tryAt: RawBuilder<unknown>
}

/**
 * Of an update of deliveries d to the status `status`: names the sending of one that has come by
 * its number, where it has one (`learn` gives it one), and leaves out what that says. So
 * is when it would be tried next.
 */
export const compact = (
  status: RawBuilder<unknown>,
  { edition, server, messageId, tryAt }: Came,
) => sql`
  (sending, edition, server, message_id) = (
    select s.id, case when s.id is null then w.edition end,
      case when s.id is null then w.server end, case when s.id is null then w.message_id end
    from (
      select ${edition} as edition, ${server} as server, ${messageId} as message_id
    ) as w left join sendings s on ${status} in (${literals(CAME)})
      and s.edition = w.edition and s.server = coalesce(w.server, '')
      and s.domain = coalesce(${sql.raw(DOMAIN)}, '') and ${sql.raw(HAS_DOMAIN)}
  ),
  try_at = case when ${status} in (${literals(CAME)}) then null else ${tryAt} end`

/**
 * Notes the sendings of `rows` that have none, for the mails that come after them: a statement that
 * follows on an update in a `with`.
 */
export const learn = (rows: RawBuilder<unknown>) => sql`
  insert into sendings (edition, server, domain)
  select distinct edition, coalesce(server, ''), coalesce(${sql.raw(DOMAIN)}, '')
  from ${rows} as new
  where status in (${literals(CAME)}) and sending is null and edition is not null
    and ${sql.raw(HAS_DOMAIN)}
  order by 1, 2, 3 on conflict do nothing`

const of = (column: string) => `(select s.${column} from sendings s where s.id = d.sending)`

/** Of a delivery d in any state, what it says or its sending does; null for none. */
export const editionOf = sql<string | null>`coalesce(d.edition, ${sql.raw(of('edition'))})`
export const serverOf = sql<string | null>`coalesce(d.server, nullif(${sql.raw(of('server'))}, ''))`
