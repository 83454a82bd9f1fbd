/**
 * What many mails have in common once they have come: one edition, handed to one server, under the
 * domain of one Message-ID, and answered with the same first words. It stands once, and their rows
 * name it by its number (migration 0062).
 */
import { type RawBuilder, sql } from 'kysely'
import { CAME } from '../domain/delivery.ts'
import { literals } from './postgres/sql.ts'

/**
 * What a server says each time that it takes a mail, before what it calls that one: of a few words
 * only, so that no name is taken for one of them and there are no more sendings than servers speak.
 */
const WORDS = 'ok|message|mail|accepted|received|queued|delivered|as|for|delivery|id'
const FIRST_WORDS = `(?i)^250(?: 2[.]\\d[.]\\d)?(?:[ :=<]+(?:${WORDS}))*[ :=<]*`

const domainOf = (row: string) => sql.raw(`coalesce(substr(${row}.message_id, 2), '')`)
const firstWordsOf = (row: string) =>
  sql`coalesce(substring(${sql.raw(row)}.reply from ${sql.lit(FIRST_WORDS)}), '')`
/** Whether its domain is all that is kept of its Message-ID: see message-id.ts. */
const hasDomain = (row: string) =>
  sql.raw(`(${row}.message_id is null or starts_with(${row}.message_id, '@'))`)

/** What a row is about to say of a mail that has come, each as an expression over d. */
interface Came {
  readonly edition: RawBuilder<unknown>
  readonly server: RawBuilder<unknown>
  readonly reply: RawBuilder<unknown>
  /** By default as it is. */
  readonly messageId?: RawBuilder<unknown>
  /** For one that has not come. */
  readonly tryAt: RawBuilder<unknown>
}

/**
 * Of an update of deliveries d to the status `status`: names the sending of one that has come by
 * its number, where it has one (`learn` gives it one), and leaves out what that says, and when it
 * would be tried next. One that names it already goes on doing so.
 */
export const compact = (
  status: RawBuilder<unknown>,
  { edition, server, reply, messageId = sql`d.message_id`, tryAt }: Came,
) => sql`
  (sending, edition, server, reply, message_id) = (
    select coalesce(s.id, d.sending), case when s.id is null then w.edition end,
      case when s.id is null then w.server end,
      case when s.id is null then w.reply else nullif(substr(w.reply, length(s.reply) + 1), '') end,
      case when s.id is null then w.message_id end
    from (
      select ${edition} as edition, ${server} as server, ${reply} as reply,
        ${messageId} as message_id
    ) as w left join sendings s on ${status} in (${literals(CAME)})
      and s.edition = w.edition and s.server = coalesce(w.server, '')
      and s.domain = ${domainOf('w')} and s.reply = ${firstWordsOf('w')} and ${hasDomain('w')}
  ),
  try_at = case when ${status} in (${literals(CAME)}) then null else ${tryAt} end`

/**
 * Notes the sendings of `rows` that have none, for the mails that come after them: a statement that
 * follows on an update in a `with`.
 */
export const learn = (rows: RawBuilder<unknown>) => sql`
  insert into sendings (edition, server, domain, reply)
  select distinct n.edition, coalesce(n.server, ''), ${domainOf('n')}, ${firstWordsOf('n')}
  from ${rows} as n
  where n.status in (${literals(CAME)}) and n.sending is null and n.edition is not null
    and ${hasDomain('n')}
  order by 1, 2, 3, 4 on conflict do nothing`

const of = (column: string) =>
  sql.raw(`(select s.${column} from sendings s where s.id = d.sending)`)

/** Of a delivery d in any state, what it says or its sending does; null for none. */
export const editionOf = sql<string | null>`coalesce(d.edition, ${of('edition')})`
export const serverOf = sql<string | null>`coalesce(d.server, nullif(${of('server')}, ''))`
export const replyOf = sql<string | null>`case when d.sending is null then d.reply
  else nullif(${of('reply')} || coalesce(d.reply, ''), '') end`
