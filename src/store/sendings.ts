/**
 * What many mails have in common once they have come: one edition, handed to one server, under one
 * Message-ID domain, and answered with the same first words. It is stored once, and their rows
 * refer to it by number (migration 0062). What their item and their id say is left out, too
 * (migration 0064).
 */
import { type RawBuilder, sql } from 'kysely'
import { SENT_OR_MERGED } from '../domain/delivery.ts'
import { literals } from './postgres/sql.ts'

/**
 * What a server says each time it accepts a mail, before the id it gives that one. Only a few
 * words, so that no id is taken for one of them and the number of sendings stays small.
 */
const WORDS = 'ok|message|mail|accepted|received|queued|delivered|as|for|delivery|id'
const FIRST_WORDS = `(?i)^250(?: 2[.]\\d[.]\\d)?(?:[ :=<]+(?:${WORDS}))*[ :=<]*`

const domainOf = (row: string) => sql.raw(`coalesce(substr(${row}.message_id, 2), '')`)
const firstWordsOf = (row: string) =>
  sql`coalesce(substring(${sql.raw(row)}.reply from ${sql.lit(FIRST_WORDS)}), '')`
/** Whether its id begins with when it was made: one of version 7 does (RFC 9562, 5.7). */
const HAS_TIME = sql`substr(d.id::text, 15, 1) = '7'`
/** Whether no more of its Message-ID is kept than the domain: see message-id.ts. */
const hasDomain = (row: string) =>
  sql.raw(`(${row}.message_id is null or starts_with(${row}.message_id, '@'))`)

/** What a row is about to say of a mail that has come, each as an expression over d. */
interface DeliveredValues {
  readonly edition: RawBuilder<unknown>
  readonly server: RawBuilder<unknown>
  readonly reply: RawBuilder<unknown>
  /** Unchanged by default. */
  readonly messageId?: RawBuilder<unknown>
  /** Unchanged by default. */
  readonly itemId?: RawBuilder<unknown>
  /** Kept if the mail has not come. */
  readonly tryAt: RawBuilder<unknown>
  readonly sentAt: RawBuilder<unknown>
  /** Null if it is `sentAt`. */
  readonly firstTriedAt: RawBuilder<unknown>
}

/**
 * Assignments for an update of the ledger d to the status `status`. A delivery that has come refers
 * to its sending by number, if there is one (`insertSendings` adds it), and leaves out what that
 * and its item say, its next try, and its window unless it missed that. One that already refers to
 * a sending keeps doing so.
 */
export const compactedColumns = (status: RawBuilder<unknown>, values: DeliveredValues) => {
  const { messageId = sql`d.message_id`, itemId = sql`d.item_id`, tryAt, firstTriedAt } = values
  const hasCome = sql`${status} in (${literals(SENT_OR_MERGED)})`
  const unless = (left: RawBuilder<unknown>, columns: readonly string[]) =>
    sql.join(
      columns.map(
        (name) => sql`${sql.ref(name)} = case when not (${left}) then d.${sql.ref(name)} end`,
      ),
    )
  return sql`
  (sending, edition, server, reply, message_id) = (
    select coalesce(s.id, d.sending), case when s.id is null then w.edition end,
      case when s.id is null then w.server end,
      case when s.id is null then w.reply else nullif(substr(w.reply, length(s.reply) + 1), '') end,
      case when s.id is null then w.message_id end
    from (
      select ${values.edition} as edition, ${values.server} as server, ${values.reply} as reply,
        ${messageId} as message_id
    ) as w left join sendings s on ${hasCome}
      and s.edition = w.edition and s.server = coalesce(w.server, '')
      and s.domain = ${domainOf('w')} and s.reply = ${firstWordsOf('w')} and ${hasDomain('w')}
  ),
  try_at = case when ${hasCome} then null else ${tryAt} end,
  first_tried_at = case when ${hasCome} then ${firstTriedAt} else d.first_tried_at end,
  ${unless(hasCome, ['epoch'])},
  ${unless(sql`${hasCome} and ${values.sentAt} < d.until`, ['until'])},
  ${unless(sql`${hasCome} and ${HAS_TIME}`, ['created_at'])},
  ${unless(sql`${hasCome} and ${itemId} is not null`, ['series', 'kind', 'item'])}`
}

/**
 * Adds sendings for those of `rows` that have none, for the mails that come after them. Follows an
 * update in a `with`.
 */
export const insertSendings = (rows: RawBuilder<unknown>) => sql`
  insert into sendings (edition, server, domain, reply)
  select distinct n.edition, coalesce(n.server, ''), ${domainOf('n')}, ${firstWordsOf('n')}
  from ${rows} as n
  where n.status in (${literals(SENT_OR_MERGED)}) and n.sending is null and n.edition is not null
    and ${hasDomain('n')}
  order by 1, 2, 3, 4 on conflict do nothing`

const of = (column: string) =>
  sql.raw(`(select s.${column} from sendings s where s.id = d.sending)`)

/** Values of a delivery d in any state, from its row or its sending; null for none. */
export const editionOf = sql<string | null>`coalesce(d.edition, ${of('edition')})`
export const serverOf = sql<string | null>`coalesce(d.server, nullif(${of('server')}, ''))`
export const replyOf = sql<string | null>`case when d.sending is null then d.reply
  else nullif(${of('reply')} || coalesce(d.reply, ''), '') end`
