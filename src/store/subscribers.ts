import { type Db, instant, isTaken, newId } from './sql.ts'

export interface Person {
  readonly address: string
  readonly key: string
  readonly hash: Buffer
  readonly firstName: string
}

/** The subscriber with this address; added when there is none. One that exists keeps its name and spelling. */
export async function findOrAdd(db: Db, person: Person, now: Temporal.Instant) {
  await db
    .insertInto('subscribers')
    .values({
      id: newId(now),
      address: person.address,
      address_key: person.key,
      address_hash: person.hash,
      first_name: person.firstName,
      created_at: String(now),
    })
    .onConflict((conflict) => conflict.column('address_key').doNothing())
    .execute()
  return db
    .selectFrom('subscribers')
    .select(['id', 'address_hash'])
    .where('address_key', '=', person.key)
    .executeTakeFirstOrThrow()
}

export const byId = (db: Db, id: string) =>
  db.selectFrom('subscribers').selectAll().where('id', '=', id).executeTakeFirst()

export const byKey = (db: Db, key: string) =>
  db.selectFrom('subscribers').selectAll().where('address_key', '=', key).executeTakeFirst()

export const rename = (db: Db, id: string, firstName: string) =>
  db.updateTable('subscribers').set({ first_name: firstName }).where('id', '=', id).execute()

/** Holds a subscriber until the transaction ends. */
export const lock = (db: Db, id: string) =>
  db.selectFrom('subscribers').select('id').where('id', '=', id).forUpdate().execute()

/**
 * Gives a subscriber another address. Returns false when somebody has it, of whom another transaction may not have
 * told yet; then the transaction is at its end.
 */
export async function move(
  db: Db,
  id: string,
  { address, key, hash }: Omit<Person, 'firstName'>,
): Promise<boolean> {
  const moved = { address, address_key: key, address_hash: hash }
  try {
    await db.updateTable('subscribers').set(moved).where('id', '=', id).execute()
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
}

/**
 * Deletes what was asked for before `before` and never confirmed, unless a mail asked again since `lastAsked`,
 * whose link still works; and the people of whom nothing is left.
 * Returns how many requests.
 */
export async function purgeUnconfirmed(
  db: Db,
  before: Temporal.Instant,
  lastAsked: Temporal.Instant,
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('enrollments')
    .where('status', '=', 'pending')
    .where('created_at', '<', instant(before))
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('deliveries as d')
            .innerJoin('enrollments as theirs', 'theirs.id', 'd.enrollment_id')
            .select('d.id')
            .whereRef('theirs.subscriber_id', '=', 'enrollments.subscriber_id')
            .where('d.kind', '=', 'confirm')
            .where('d.created_at', '>=', instant(lastAsked)),
        ),
      ),
    )
    .executeTakeFirst()
  await db
    .deleteFrom('subscribers')
    .where('created_at', '<', instant(before))
    .where(({ exists, not, selectFrom }) =>
      not(exists(selectFrom('enrollments').select('id').whereRef('subscriber_id', '=', 'subscribers.id'))),
    )
    .execute()
  return Number(numDeletedRows)
}
