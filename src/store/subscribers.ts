import { type Db, instant, newId } from './sql.ts'

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

/** Deletes people who never confirmed anything and asked before `before`. Returns how many. */
export async function purgeUnconfirmed(db: Db, before: Temporal.Instant): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('subscribers')
    .where('created_at', '<', instant(before))
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('enrollments')
            .select('id')
            .whereRef('subscriber_id', '=', 'subscribers.id')
            .where(({ eb, or }) =>
              or([eb('status', '!=', 'pending'), eb('created_at', '>=', instant(before))]),
            ),
        ),
      ),
    )
    .executeTakeFirst()
  return Number(numDeletedRows)
}
