/** Everything known about one person: to be disclosed to them, and to be deleted. */
import { sql } from 'kysely'
import { addressKeyOf, isInternational } from '../domain/address.ts'
import * as commentMails from './comment-mails.ts'
import * as commentWishes from './comment-wishes.ts'
import * as comments from './comments.ts'
import { messageIdOf } from './message-id.ts'
import { type Db, folded } from './postgres/sql.ts'
import { replyOf, serverOf } from './sendings.ts'

interface Person {
  readonly id: string
  readonly address: string
  readonly address_key: string
  readonly address_hash: Buffer
}

/** Returns every row about a person, from all tables. */
export async function everything(db: Db, person: Person) {
  const [ofSeries, ofPerson, written] = await Promise.all([
    rowsOfSeries(db, person),
    rowsOfPerson(db, person),
    aboutComments(db, person.id),
  ])
  return { ...ofSeries, ...ofPerson, ...written }
}

/** Rows that depend on their enrollments. */
async function rowsOfSeries(db: Db, { id }: Person) {
  const [enrollments, consents, deliveries, practices, clickMarks] = await Promise.all([
    db
      .selectFrom('enrollments')
      .selectAll()
      .where('subscriber_id', '=', id)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),
    db
      .selectFrom('consents as c')
      .innerJoin('enrollments as e', 'e.id', 'c.enrollment_id')
      .selectAll('c')
      .where('e.subscriber_id', '=', id)
      .orderBy('c.id')
      .execute(),
    db
      .selectFrom('deliveries as d')
      .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
      .selectAll('d')
      .select([messageIdOf.as('messageId'), serverOf.as('server'), replyOf.as('reply')])
      .where('e.subscriber_id', '=', id)
      .orderBy('d.created_at')
      .orderBy('d.id')
      .execute(),
    db
      .selectFrom('practices as p')
      .innerJoin('enrollments as e', 'e.id', 'p.enrollment_id')
      .selectAll('p')
      .where('e.subscriber_id', '=', id)
      .orderBy('p.done_at')
      .orderBy('p.item')
      .execute(),
    db
      .selectFrom('click_marks as m')
      .innerJoin('deliveries as d', 'd.id', 'm.delivery_id')
      .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
      .select(['d.enrollment_id', 'd.item', 'm.link'])
      .where('e.subscriber_id', '=', id)
      .orderBy('m.delivery_id')
      .orderBy('m.link')
      .execute(),
  ])
  return { enrollments, consents, deliveries, practices, clickMarks }
}

/** Rows that depend on themselves, or on their address. */
async function rowsOfPerson(db: Db, { id, address_key, address_hash }: Person) {
  const [suppressions, reports, requests, changes, member, sessions] = await Promise.all([
    db.selectFrom('suppressions').selectAll().where('address_hash', '=', address_hash).execute(),
    db
      .selectFrom('reports')
      .selectAll()
      .where('address_hash', '=', address_hash)
      .orderBy('received_at')
      .orderBy('id')
      .execute(),
    db
      .selectFrom('requests')
      .selectAll()
      .where('address_key', '=', address_key)
      .orderBy('asked_at')
      .execute(),
    db
      .selectFrom('address_changes')
      .selectAll()
      .where('subscriber_id', '=', id)
      .orderBy('asked_at')
      .execute(),
    db.selectFrom('members').selectAll().where('subscriber_id', '=', id).executeTakeFirst(),
    // Without `id_hash`, which identifies the cookie.
    db
      .selectFrom('sessions')
      .select(['began_at', 'seen_at'])
      .where('subscriber_id', '=', id)
      .orderBy('began_at')
      .execute(),
  ])
  return { suppressions, reports, requests, changes, member, sessions }
}

/** What they wrote under articles. */
const aboutComments = async (db: Db, id: string) => ({
  comments: await comments.ofSubscriber(db, id),
  wantsAnswers: await commentWishes.has(db, id),
  commentMails: await commentMails.ofSubscriber(db, id),
})

/**
 * Deletes a person: their enrollments with everything that depends on them, requests of theirs not
 * carried out yet, their mails in the sandbox's outbox, and their address where others entered it.
 * The keyed hash in `suppressions` remains, which the caller must add.
 */
export async function erase(
  db: Db,
  { id, address, address_key, address_hash }: Person,
): Promise<void> {
  const sentTo = await db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .select('d.recipient')
    .distinct()
    .where('e.subscriber_id', '=', id)
    .where('d.recipient', 'is not', null)
    .execute()
  const recipients = [address, ...sentTo.map(({ recipient }) => recipient ?? '')].map(foldedAscii)
  const spellings = await otherSpellings(db, address_key)
  const isTo = (addresses: readonly string[]) =>
    sql`${folded('recipient')} = any (${[...addresses, ...spellings]}::text[])`
  await sql`delete from outbox where ${isTo(recipients)}`.execute(db)
  await sql`delete from ledger where ${isTo([foldedAscii(address)])}`.execute(db)
  await db
    .deleteFrom('address_changes')
    .where(({ eb, or }) => or([eb('from_key', '=', address_key), eb('to_key', '=', address_key)]))
    .execute()
  await db.deleteFrom('reports').where('address_hash', '=', address_hash).execute()
  await db.deleteFrom('sender_faults').where('address_hash', '=', address_hash).execute()
  await db.deleteFrom('requests').where('address_key', '=', address_key).execute()
  await db.deleteFrom('link_requests').where('address_key', '=', address_key).execute()
  await db.deleteFrom('sign_in_requests').where('address_key', '=', address_key).execute()
  await comments.remove(db, await comments.idsOf(db, id))
  await db.deleteFrom('subscribers').where('id', '=', id).execute()
}

/** Folds as `folded` does. */
const foldedAscii = (address: string) => address.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/**
 * Returns the spellings of an address that `folded` does not unify, such as Ü and ü. For an address
 * outside ASCII, the whole outbox and ledger are scanned; for others nothing is.
 */
async function otherSpellings(db: Db, key: string): Promise<string[]> {
  if (!isInternational(key)) return []
  const { rows } = await sql<{ recipient: string }>`
    select recipient from ledger where octet_length(recipient) > char_length(recipient)
    union select recipient from outbox where octet_length(recipient) >
      char_length(recipient)`.execute(db)
  return rows
    .filter(({ recipient }) => addressKeyOf(recipient) === key)
    .map(({ recipient }) => foldedAscii(recipient))
}
