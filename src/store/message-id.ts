/**
 * The Message-ID of a delivery d (RFC 5322, 3.6.4): derived from what identifies it in the ledger
 * (I1), and from nothing that changes when it is planned again. So a mail that is sent twice is one
 * message even if the database was restored in between and does not know of the first (I5), and the
 * ledger need only keep the domain.
 */
import { type RawBuilder, sql } from 'kysely'

/** SQL for the part before the `@`, a hash of these columns. */
const localPart = (columns: string) =>
  `encode(substr(sha256(convert_to(concat_ws(' ', ${columns}), 'UTF8')), 1, 16), 'hex')`

const LOCAL_PART = localPart('d.enrollment_id, d.kind, d.item')
/** Number of characters of that part. */
const LENGTH = 32

const COMMENT_LOCAL_PART = localPart("d.kind, encode(d.address_hash, 'hex'), d.on_date")

/** The Message-ID of a mail d about comments, derived from what identifies it. */
export const commentMessageIdAt = (domain: string): RawBuilder<string> =>
  sql`'<' || ${sql.raw(COMMENT_LOCAL_PART)} || '@' || ${domain}::text || '>'`

/**
 * What to keep of a Message-ID that an earlier version stored whole: `@` and its domain, unless it
 * was built differently.
 */
export const compactMessageId = sql.raw<string | null>(`case
  when starts_with(d.message_id, '<' || ${LOCAL_PART} || '@')
  then substr(d.message_id, ${LENGTH + 2}, length(d.message_id) - ${LENGTH + 2})
  else d.message_id end`)

/** The whole Message-ID of a delivery d in any state; null if it has none. */
export const MESSAGE_ID = `case
  when starts_with(d.message_id, '@') then '<' || ${LOCAL_PART} || d.message_id || '>'
  when d.sending is not null then '<' || ${LOCAL_PART} || '@' || (
    select nullif(s.domain, '') from sendings s where s.id = d.sending) || '>'
  else d.message_id end`
export const messageIdOf = sql.raw<string | null>(MESSAGE_ID)
