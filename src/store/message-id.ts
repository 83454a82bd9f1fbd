/**
 * The Message-ID of a delivery d (RFC 5322, 3.6.4): made of what tells it apart in the ledger (I1),
 * and of nothing that is new when it is planned again. So a mail that is sent twice is one message
 * even when the database was restored in between and knows nothing of the first (I5), and the
 * ledger need only keep its domain.
 */
import { type RawBuilder, sql } from 'kysely'

/** The part before the `@`, in SQL, of what these columns tell apart. */
const localPart = (columns: string) =>
  `encode(substr(sha256(convert_to(concat_ws(' ', ${columns}), 'UTF8')), 1, 16), 'hex')`

const LOCAL_PART = localPart('d.enrollment_id, d.kind, d.item')
/** How many characters that has. */
const LENGTH = 32

const COMMENT_LOCAL_PART = localPart("d.kind, encode(d.address_hash, 'hex'), d.on_date")

/** That of a mail d about comments, made of what tells it apart. */
export const commentMessageIdAt = (domain: string): RawBuilder<string> =>
  sql`'<' || ${sql.raw(COMMENT_LOCAL_PART)} || '@' || ${domain}::text || '>'`

/**
 * What is kept of a Message-ID that an earlier version kept all of: `@` and its domain, unless it
 * was made otherwise.
 */
export const keptMessageId = sql.raw<string | null>(`case
  when starts_with(d.message_id, '<' || ${LOCAL_PART} || '@')
  then substr(d.message_id, ${LENGTH + 2}, length(d.message_id) - ${LENGTH + 2})
  else d.message_id end`)

/** The Message-ID, whole, of a delivery d in any state; null when it has none. */
export const MESSAGE_ID = `case
  when starts_with(d.message_id, '@') then '<' || ${LOCAL_PART} || d.message_id || '>'
  when d.sending is not null then '<' || ${LOCAL_PART} || '@' || (
    select nullif(s.domain, '') from sendings s where s.id = d.sending) || '>'
  else d.message_id end`
export const messageIdOf = sql.raw<string | null>(MESSAGE_ID)
