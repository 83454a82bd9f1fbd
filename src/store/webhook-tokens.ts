/** Signatures that are good for one body, until nobody would believe them any more. */
import { sql } from 'kysely'
import type { Db } from './postgres/sql.ts'

export interface OnceToken {
  readonly token: Buffer
  /** Digest of the body that it came with. */
  readonly body: Buffer
  readonly until: Temporal.Instant
}

/**
 * Keeps a token for the body it came with. Says whether it is good for this one: false when it came
 * with another before.
 */
export async function keep(
  db: Db,
  { token, body, until }: OnceToken,
  now: Temporal.Instant,
): Promise<boolean> {
  await sql`delete from webhook_tokens where until < ${String(now)}`.execute(db)
  // The update changes nothing, but has the row that was first come back.
  const { rows } = await sql<{ body: Buffer }>`
    insert into webhook_tokens (token, body, until) values (${token}, ${body}, ${String(until)})
    on conflict (token) do update set token = excluded.token returning body`.execute(db)
  return rows[0]?.body.equals(body) ?? false
}
