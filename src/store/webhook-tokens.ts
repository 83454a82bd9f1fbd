/** Signatures that are valid for one body, kept until they would no longer be accepted. */
import { sql } from 'kysely'
import type { Db } from './postgres/sql.ts'

export interface OneTimeToken {
  readonly token: Buffer
  /** Digest of the body that it came with. */
  readonly body: Buffer
  readonly until: Temporal.Instant
}

/**
 * Stores a token with the body it came with. Returns whether it is valid for this body: false if it
 * came with another one before.
 */
export async function accept(
  db: Db,
  { token, body, until }: OneTimeToken,
  now: Temporal.Instant,
): Promise<boolean> {
  await sql`delete from webhook_tokens where until < ${String(now)}`.execute(db)
  // The update changes nothing but returns the row that came first.
  const { rows } = await sql<{ body: Buffer }>`
    insert into webhook_tokens (token, body, until) values (${token}, ${body}, ${String(until)})
    on conflict (token) do update set token = excluded.token returning body`.execute(db)
  return rows[0]?.body.equals(body) ?? false
}
