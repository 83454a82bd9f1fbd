import { type RawBuilder, sql } from 'kysely'

/**
 * The Message-ID of a delivery d (RFC 5322, 3.6.4): made of what tells it apart in the ledger (I1),
 * and of nothing that is new when it is planned again. So a mail that is sent twice is one message
 * even when the database was restored in between and knows nothing of the first (I5).
 */
export const messageIdAt = (domain: string): RawBuilder<string> => sql`'<' || encode(substr(
    sha256(convert_to(concat_ws(' ', d.enrollment_id, d.kind, d.item), 'UTF8')), 1, 16), 'hex') || '@' || ${domain}::text || '>'`
