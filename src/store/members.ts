/** Subscribers who have signed in at least once, by their ids. */
import { sql } from 'kysely'
import type { Member } from '../domain/member.ts'
import { type Db, instant } from './postgres/sql.ts'

/** Somebody who may sign in, and the enrollment that a mail to them belongs to. */
export interface JoinCandidate {
  readonly subscriberId: string
  readonly epoch: number
  readonly enrollment: { readonly id: string; readonly series: string; readonly zone: string }
}

/**
 * Returns the person who has confirmed this address once, even if they have left everything since,
 * with their newest enrollment in one of `series`, active ones first. Null for somebody who was
 * mailed `most` links since `since` and used none.
 */
export async function joinCandidate(
  db: Db,
  addressKey: string,
  { series, since, most }: { series: readonly string[]; since: Temporal.Instant; most: number },
): Promise<JoinCandidate | null> {
  const { rows } = await sql<{
    subscriberId: string
    epoch: number
    id: string
    series: string
    zone: string
  }>`
    select s.id as "subscriberId", s.epoch, e.id, e.series, e.zone
    from subscribers s join enrollments e on e.subscriber_id = s.id
    where s.address_key = ${addressKey} and e.confirmed_at is not null
      and e.series = any (${[...series]}::text[])
      and (select count(*) filter (where i.used_at is null and i.asked_at > coalesce(
            (select max(u.used_at) from sign_ins u where u.subscriber_id = s.id), '-infinity'))
          from sign_ins i where i.subscriber_id = s.id and i.asked_at > ${instant(since)}) < ${most}
    order by e.status = 'active' desc, e.created_at desc, e.id desc
    limit 1`.execute(db)
  const [row] = rows
  if (!row) return null
  const { subscriberId, epoch, ...enrollment } = row
  return { subscriberId, epoch, enrollment }
}

/** Makes a subscriber a member; an existing member stays as they are. */
export const join = (db: Db, subscriberId: string, now: Temporal.Instant) =>
  db
    .insertInto('members')
    .values({ subscriber_id: subscriberId, joined_at: String(now) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()

export async function byId(db: Db, subscriberId: string): Promise<Member | null> {
  const row = await db
    .selectFrom('members')
    .select(['name', 'blocked_at'])
    .where('subscriber_id', '=', subscriberId)
    .executeTakeFirst()
  return row ? memberOf({ id: subscriberId, ...row }) : null
}

export const memberOf = ({ id, name, blocked_at }: MemberRow): Member => ({
  id,
  name,
  isBlocked: blocked_at !== null,
})

interface MemberRow {
  readonly id: string
  readonly name: string | null
  readonly blocked_at: Temporal.Instant | null
}

/** Gives a member a name; false if another member has it, or one that looks the same. */
export async function rename(
  db: Db,
  subscriberId: string,
  { name, key }: { name: string; key: string },
): Promise<boolean> {
  const { rows } = await sql`
    update members m set name = ${name}, name_key = ${key}
    where m.subscriber_id = ${subscriberId} and not exists (
      select from members o where o.name_key = ${key} and o.subscriber_id <> m.subscriber_id
    )
    returning m.subscriber_id`.execute(db)
  return rows.length > 0
}

/**
 * When two subscribers become one, `id` becomes the member that `other` was, unless it is one
 * itself; a block of either stays.
 */
export async function absorb(db: Db, { id, other }: { id: string; other: string }): Promise<void> {
  await sql`
    update members m set subscriber_id = ${id}
    where m.subscriber_id = ${other} and not exists (select from members o
      where o.subscriber_id = ${id})`.execute(db)
  await sql`
    update members m set blocked_at = o.blocked_at from members o
    where m.subscriber_id = ${id} and o.subscriber_id = ${other} and m.blocked_at is null`.execute(
    db,
  )
}
