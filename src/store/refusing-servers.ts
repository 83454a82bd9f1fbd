/** Servers that refused nearly all mails for good, and what an operator decided about them. */
import type { Db } from './postgres/sql.ts'

export interface RefusingServer {
  /** Since when nothing is sent through it; null if it is not halted. */
  readonly haltedAt: Temporal.Instant | null
  /** How many of its last 50 mails it refused when it was halted. */
  readonly refused: number | null
  /** When an operator last said that its refusals are to be believed. */
  readonly believedAt: Temporal.Instant | null
}

/** Returns all of them, by name. */
export async function all(db: Db): Promise<ReadonlyMap<string, RefusingServer>> {
  const rows = await db.selectFrom('refusing_servers').selectAll().orderBy('name').execute()
  return new Map(
    rows.map(({ name, halted_at, refused, believed_at }) => [
      name,
      { haltedAt: halted_at, refused, believedAt: believed_at },
    ]),
  )
}

/** Halts a server: nothing is sent through it until it is resumed. */
export const halt = (
  db: Db,
  name: string,
  { refused, at }: { refused: number; at: Temporal.Instant },
) => {
  const set = { halted_at: String(at), refused }
  return db
    .insertInto('refusing_servers')
    .values({ name, ...set })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(set))
    .execute()
}

/** Ends the halt of a server. With `believedAt`, its refusals are to be believed. */
export const resume = (
  db: Db,
  name: string,
  { believedAt }: { believedAt: Temporal.Instant | null },
) =>
  db
    .updateTable('refusing_servers')
    .set({
      halted_at: null,
      refused: null,
      ...(believedAt && { believed_at: String(believedAt) }),
    })
    .where('name', '=', name)
    .execute()
