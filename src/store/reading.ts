/** Mails that have come, to be read again. */
import { sql } from 'kysely'
import { baseItemOf, READABLE, SENT_OR_MERGED } from '../domain/delivery.ts'
import type { FieldValues } from '../domain/own-fields.ts'
import type { Db } from './postgres/sql.ts'
import { editionOf } from './sendings.ts'

/**
 * Returns a lesson, inspiration or letter that has left, as its mail was, with what it says of the
 * person. For what went in a lesson's mail it is the lesson's delivery. Undefined if nothing of it
 * has left.
 */
export async function mailOf(db: Db, deliveryId: string) {
  const row = await select(db).where('d.id', '=', deliveryId).executeTakeFirst()
  const other = row?.kind === 'again' && (await original(db, row))
  const mail = other || row
  if (!mail?.mergedInto || mail.status !== 'merged') return mail && withCompanion(db, mail)
  const lesson = await select(db).where('d.id', '=', mail.mergedInto).executeTakeFirst()
  return lesson && withCompanion(db, lesson)
}

const select = (db: Db) =>
  db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
    .select([
      'd.id',
      'd.kind',
      'd.item',
      'd.series',
      'd.day',
      'd.status',
      editionOf.as('edition'),
      'e.zone',
      'd.enrollment_id as enrollmentId',
      's.id as subscriberId',
      'd.local_date as localDate',
      'd.merged_into as mergedInto',
      'd.first_tried_at as firstTriedAt',
      's.address',
      'e.created_at as enrolledAt',
      'e.due_at as nextAt',
      's.first_name as firstName',
      's.language',
      's.epoch',
      'd.first_name as writtenTo',
      'd.after_pause as afterPause',
      sql<FieldValues>`coalesce(d.fields, '{}')`.as('fields'),
    ])
    .where('d.kind', 'in', [...READABLE])
    .where('d.first_tried_at', 'is not', null)

type Row = NonNullable<Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirst']>>>

/** The mail that one of kind `again` repeats. */
const original = (db: Db, { enrollmentId, item }: Row) =>
  select(db)
    .where('d.enrollment_id', '=', enrollmentId)
    .where('d.item', '=', baseItemOf(item))
    .where('d.kind', '<>', 'again')
    .where('d.status', 'in', [...SENT_OR_MERGED])
    .executeTakeFirst()

async function withCompanion(db: Db, { writtenTo, firstTriedAt, ...row }: Row) {
  if (!firstTriedAt) return undefined
  const companion = await db
    .selectFrom('deliveries')
    .select([
      'id',
      'enrollment_id as enrollmentId',
      'series',
      'local_date as localDate',
      'attempts',
    ])
    .where('merged_into', '=', row.id)
    .where('local_date', '=', String(row.localDate) as never)
    .where('status', 'in', ['sending', 'merged', 'unknown'])
    .executeTakeFirst()
  return {
    ...row,
    firstTriedAt,
    firstName: writtenTo ?? row.firstName,
    companion: companion ?? null,
  }
}

/** Returns the lessons, inspirations and letters of an enrollment that have come, in that order. */
export const received = (db: Db, enrollmentId: string) =>
  db
    .selectFrom('deliveries as d')
    .leftJoin('editions', (join) => join.on('editions.hash', '=', editionOf))
    .select([
      'd.id',
      'd.item',
      'd.day',
      'd.status',
      'd.local_date as on',
      'd.first_name as writtenTo',
      sql<FieldValues>`coalesce(d.fields, '{}')`.as('fields'),
    ])
    .select('editions.subject')
    .where('d.enrollment_id', '=', enrollmentId)
    .where('d.kind', 'in', ['lesson', 'inspiration', 'letter'])
    .where('d.status', 'in', [...SENT_OR_MERGED])
    .orderBy('d.sent_at')
    .orderBy('d.id')
    .execute()

/**
 * Returns the state of an enrollment's lessons in the ledger, by item: come, on their way, skipped
 * or lost.
 */
export const lessons = (db: Db, enrollmentId: string) =>
  db
    .selectFrom('deliveries')
    .select(['item', 'status', 'reason_code'])
    .where('enrollment_id', '=', enrollmentId)
    .where('kind', '=', 'lesson')
    .execute()
