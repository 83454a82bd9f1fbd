import { type Selectable, sql } from 'kysely'
import type { Address } from '../domain/address.ts'
import type { FieldValues } from '../domain/own-fields.ts'
import type { Rhythm, Weekday } from '../domain/rhythm.ts'
import type { Consent } from './consents.ts'
import { type Db, newId, prepared } from './postgres/sql.ts'
import type { Tables } from './postgres/tables.ts'

export interface Request {
  readonly address: Address
  readonly firstName: string
  /** Slugs; the confirmation mail belongs to the first. */
  readonly series: readonly string[]
  readonly rhythm: Rhythm
  /** Answers to the own fields of the first series. */
  readonly fields?: FieldValues
  readonly consent: Consent
  /** Queued behind others taken this way, one a second; otherwise taken as soon as possible. */
  readonly slowly?: boolean
}

/** Stores a request. Touches no other table, regardless of who asks. */
export const add = (
  db: Db,
  { address, firstName, series, rhythm, fields = {}, consent, slowly = false }: Request,
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
      fields,
      ...consent,
      asked_at: String(now),
      not_before: slowly ? nextTurn('requests', now) : null,
    })
    .execute()

type RequestTable = 'requests' | 'link_requests' | 'sign_in_requests'

/**
 * Returns a second from now, or a second after the last one waiting its turn: no more than one a
 * second, unless two ask at the same time.
 */
export const nextTurn = (table: RequestTable, now: Temporal.Instant) =>
  sql<string>`greatest(${String(now)}::timestamptz + interval '1 second',
    (select max(not_before) from ${sql.table(table)}
    where not_before is not null) + interval '1 second')`

export interface TakeOptions {
  readonly now: Temporal.Instant
  /** Ids to leave alone. */
  readonly except: readonly string[]
}

/** Whether a request may be taken. */
export const isTakeable = ({ now, except }: TakeOptions) =>
  sql`id <> all (${[...except]}::uuid[]) and (not_before is null
    or not_before <= ${String(now)}::timestamptz)`

const REQUEST_TABLES: readonly RequestTable[] = ['requests', 'link_requests', 'sign_in_requests']

/** Returns whether anything left by forms may be taken, of any kind. */
export async function isAnyWaiting(db: Db, now: Temporal.Instant): Promise<boolean> {
  const waiting = REQUEST_TABLES.map(
    (pile) => sql`exists (select from ${sql.table(pile)} where ${isTakeable({ now, except: [] })})`,
  )
  const { rows } = await sql<{ is: boolean }>`
    ${prepared('any-waiting')} select ${sql.join(waiting, sql` or `)} as is`.execute(db)
  return rows[0]?.is ?? false
}

export interface TakenRequest extends Request {
  readonly id: string
  readonly askedAt: Temporal.Instant
}

/**
 * Takes the oldest request whose time has come, or null. It is gone once the transaction commits,
 * and back if it does not; requests that another process works on are passed over.
 */
export async function take(tx: Db, taking: TakeOptions): Promise<TakenRequest | null> {
  const { rows } = await sql<Selectable<Tables['requests']>>`
    delete from requests where id = (
      select id from requests where ${isTakeable(taking)}
      order by id limit 1 for update skip locked
    ) returning *`.execute(tx)
  const [row] = rows
  if (!row) return null
  const { id, address, address_key: key, first_name: firstName, series, asked_at: askedAt } = row
  const { wording, language, version, source, network, zone, time_of_day: time, fields } = row
  const rhythm = { time, zone, weekdays: row.weekdays as Weekday[] }
  const consent = { wording, language, version, source, network }
  const person = { address: { spec: address, key }, firstName, fields }
  return { id, askedAt, ...person, series, rhythm, consent }
}

export const remove = (db: Db, id: string) =>
  db.deleteFrom('requests').where('id', '=', id).execute()
