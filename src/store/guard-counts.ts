/**
 * What guard rails count. First what speaks against a series, of which there is little; the mails it
 * is of are counted only where that is enough to say something, and no further than it takes.
 */
import { sql } from 'kysely'
import { TRANSACTIONAL } from '../domain/delivery.ts'
import type { BounceClass } from '../domain/report.ts'
import type { SenderFault } from '../domain/sender-fault.ts'
import { type Db, firstId, instant } from './postgres/sql.ts'

export interface Against {
  readonly series: string
  /** Addresses that complained, and addresses that do not exist. */
  readonly complaints: number
  readonly bounces: number
}

/**
 * What came back since about mails of each series, by address. Not about what people ask for
 * themselves: a pause would not stop it, and whoever types addresses into a form could pause a
 * series. Complaints that were taken back do not count; bounces do when the mail went out since, too.
 * What an operator resumed has no past.
 */
export async function against(db: Db, since: Temporal.Instant): Promise<Against[]> {
  const { rows } = await sql<Against>`
    select r.series,
      count(distinct r.address_hash) filter (where r.kind = 'complaint')::int as complaints,
      count(distinct r.address_hash) filter (where r.kind = 'bounce' and r.mailed_at >= ${instant(since)})::int as bounces
    from reports r
    join deliveries d on d.id = r.delivery_id and d.kind <> all (${[...TRANSACTIONAL]}::text[])
    left join paused_series p on p.series = r.series
    where r.received_at >= ${instant(since)} and (r.kind = 'complaint' or r.class = 'hard')
      and (p.resumed_at is null or r.mailed_at > p.resumed_at)
      and p.since is null
      and not exists (select from reports n where n.delivery_id = r.delivery_id and n.kind = 'not_spam')
    group by r.series order by r.series`.execute(db)
  return rows
}

/** A mail is sent this many hours after it was planned, at most: a lesson that was caught up with. */
const LONGEST_WAIT = 8 * 24

export interface Counting {
  /** Null: of all. */
  readonly series: string | null
  readonly since: Temporal.Instant
  /** They are counted no further. */
  readonly most: number
}

/**
 * How many mails of a series were sent since, or refused as bounces, up to `most`. Of a series they
 * are looked for by its readers, so that a small one beside a large one does not go through the
 * ledger; of all, the newest first.
 */
export async function mailsSince(db: Db, { series, since, most }: Counting): Promise<number> {
  const left = sql`d.kind <> all (${[...TRANSACTIONAL]}::text[]) and d.status <> 'merged'
    and (d.sent_at > ${instant(since)} or (d.status = 'bounced' and d.first_tried_at > ${instant(since)}))`
  const mails =
    series === null
      ? sql`select from deliveries d
          where d.id >= ${firstId(since.subtract({ hours: LONGEST_WAIT }))}::uuid and ${left}
          order by d.id desc limit ${most}`
      : sql`select from enrollments e, lateral (
            select from deliveries d where d.enrollment_id = e.id and ${left} offset 0
          ) as mail
          where e.series = ${series} limit ${most}`
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (${mails}) as mails`.execute(db)
  return rows[0]?.count ?? 0
}

export interface NewFault {
  readonly deliveryId: string
  readonly subscriberId: string
  readonly fault: SenderFault
  /** The server's words, without addresses. */
  readonly said: string
}

/** Notes what a server found wrong with our set-up, once a mail. Says whether it is news. */
export async function addFault(
  db: Db,
  { deliveryId, subscriberId, fault, said }: NewFault,
  now: Temporal.Instant,
): Promise<boolean> {
  const { rows } = await sql`
    insert into sender_faults (delivery_id, address_hash, fault, said, at)
    select ${deliveryId}::uuid, s.address_hash, ${fault}, ${said}, ${instant(now)}
    from subscribers s where s.id = ${subscriberId}
    on conflict do nothing returning delivery_id`.execute(db)
  return rows.length > 0
}

export interface SaidFault {
  readonly addressHash: Buffer
  /** Null: a report said so, in its words. */
  readonly fault: SenderFault | null
  readonly status: string | null
  readonly said: string
}

/** So many are looked at: more say nothing more. */
const MOST_FAULTS = 1_000

/** What was found wrong with our set-up since, at once and by reports, the last of each address first. */
export async function faultsSince(db: Db, since: Temporal.Instant): Promise<SaidFault[]> {
  const { rows } = await sql<SaidFault>`
    select distinct on (address_hash) address_hash as "addressHash", fault, status, said from (
      select address_hash, fault, null as status, said, at from sender_faults where at > ${instant(since)}
      union all
      select address_hash, null, status, diagnostic, received_at from reports
      where received_at > ${instant(since)} and class = ${'sender' satisfies BounceClass} and address_hash is not null
    ) as all_faults
    order by address_hash, at desc limit ${MOST_FAULTS}`.execute(db)
  return rows
}

export const purgeFaults = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('sender_faults').where('at', '<', instant(before)).execute()
