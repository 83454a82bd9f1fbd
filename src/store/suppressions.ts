import type { Db } from './postgres/sql.ts'
import type { SuppressionReason } from './postgres/tables.ts'

export const add = (db: Db, hash: Buffer, reason: SuppressionReason, now: Temporal.Instant) =>
  db
    .insertInto('suppressions')
    .values({ address_hash: hash, reason, created_at: String(now) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

/**
 * A fresh confirmation by the person ends what they asked for themselves; no other reason
 * (standards.md H6).
 */
export const lift = (db: Db, hash: Buffer) =>
  db
    .deleteFrom('suppressions')
    .where('address_hash', '=', hash)
    .where('reason', 'in', ['unsubscribe', 'erased'])
    .execute()

/**
 * After a change of SECRET_KEY: puts suppressions found under an old key's hash under the present
 * one.
 */
export const rekey = (db: Db, old: readonly Buffer[], present: Buffer) =>
  old.length === 0
    ? Promise.resolve([])
    : db
        .insertInto('suppressions')
        .columns(['address_hash', 'reason', 'created_at'])
        .expression(({ selectFrom, val }) =>
          selectFrom('suppressions')
            .select([val(present).as('address_hash'), 'reason', 'created_at'])
            .where('address_hash', 'in', [...old]),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute()

/** Whether this address gets no mail, for whatever reason. */
export async function has(db: Db, hash: Buffer): Promise<boolean> {
  const row = await db
    .selectFrom('suppressions')
    .select('reason')
    .where('address_hash', '=', hash)
    .executeTakeFirst()
  return row !== undefined
}
