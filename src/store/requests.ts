import { type Selectable, sql } from 'kysely'
import type { Address } from '../domain/address.ts'
import type { Rhythm, Weekday } from '../domain/rhythm.ts'
import type { Consent } from './consents.ts'
import { type Db, newId } from './sql.ts'
import type { Tables } from './tables.ts'

export interface Request {
  readonly address: Address
  readonly firstName: string
  /** Slugs; the first one gives the confirmation mail its name. */
  readonly series: readonly string[]
  readonly rhythm: Rhythm
  readonly consent: Consent
}

/** Keeps a request. Touches no other table, whoever asks. */
export const add = (
  db: Db,
  { address, firstName, series, rhythm, consent }: Request,
  now: Temporal.Instant,
) =>
  db
    .insertInto('requests')
    .values({
      id: newId(now),
      address: address.spec,
      address_key: address.key,
      first_name: firstName,
      series: [...series],
      time_of_day: rhythm.time,
      zone: rhythm.zone,
      weekdays: [...rhythm.weekdays],
      ...consent,
      asked_at: String(now),
    })
    .execute()

export interface TakenRequest extends Request {
  readonly id: string
  readonly askedAt: Temporal.Instant
}

/**
 * Takes the oldest request but those in `except`, or null. It is gone once the transaction is committed, and
 * there again when it is not; requests that another process works on are passed over.
 */
export async function take(tx: Db, except: readonly string[]): Promise<TakenRequest | null> {
  const { rows } = await sql<Selectable<Tables['requests']>>`
    delete from requests where id = (
      select id from requests where id <> all (${[...except]}::uuid[])
      order by id limit 1 for update skip locked
    ) returning *`.execute(tx)
  const [row] = rows
  if (!row) return null
  const { id, address, address_key: key, first_name: firstName, series, asked_at: askedAt } = row
  const { wording, source, network, zone, time_of_day: time } = row
  const rhythm = { time, zone, weekdays: row.weekdays as Weekday[] }
  const consent = { wording, source, network }
  return { id, askedAt, address: { spec: address, key }, firstName, series, rhythm, consent }
}

export const remove = (db: Db, id: string) => db.deleteFrom('requests').where('id', '=', id).execute()
