/**
 * What guard rails count. First what speaks against a series, of which there is little; the mails
 * it is of are counted only where that is enough to say something, and no further than it takes.
 */
import { sql } from 'kysely'
import { TRANSACTIONAL } from '../domain/delivery.ts'
import { type BounceClass, PROVEN } from '../domain/report.ts'
import type { SenderFault } from '../domain/sender-fault.ts'
import { type Db, instant } from './postgres/sql.ts'

export interface Against {
  readonly series: string
  /** Recipients' domain. */
  readonly domain: string
  /** Addresses that complained; and of these, those for whom somebody vouches (PROVEN). */
  readonly complaints: number
  readonly proven: number
  /** Addresses that do not exist. */
  readonly bounces: number
}

/** Of the delivery `d`: whether it is no answer to what somebody asked for by a form. */
const isOfSeries = sql`d.kind <> all (${[...TRANSACTIONAL]}::text[])`
/** Of the report `r`. */
const isProven = sql`r.source = any (${[...PROVEN]}::text[])`
/** Of the subscriber `s`. */
const DOMAIN = sql`substring(s.address_key from '[^@]*$')`

/**
 * What came back since about mails of each series, by recipients' domain and address. Not about
 * what people ask for themselves: a pause would not stop it, and whoever types addresses into a
 * form could pause a series. Complaints that were taken back do not count; bounces do when the mail
 * went out since, too. What an operator resumed has no past.
 */
export async function against(db: Db, since: Temporal.Instant): Promise<Against[]> {
  const { rows } = await sql<Against>`
    select r.series, ${DOMAIN} as domain,
      count(distinct r.address_hash) filter (where r.kind = 'complaint')::int as complaints,
      count(distinct r.address_hash) filter (where r.kind = 'complaint'
      and ${isProven})::int as proven,
      count(distinct r.address_hash) filter (where r.kind = 'bounce'
      and r.mailed_at >= ${instant(since)})::int as bounces
    from reports r
    join deliveries d on d.id = r.delivery_id and ${isOfSeries}
    join enrollments e on e.id = d.enrollment_id join subscribers s on s.id = e.subscriber_id
    left join paused_series p on p.series = r.series
    where r.received_at >= ${instant(since)} and (r.kind = 'complaint' or r.class = 'hard')
      and (p.resumed_at is null or r.mailed_at > p.resumed_at)
      and p.since is null
      and not exists (select from reports n where n.delivery_id = r.delivery_id
      and n.kind = 'not_spam')
    group by 1, 2 order by 1, 2`.execute(db)
  return rows
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
  /** Recipient's domain. */
  readonly domain: string
  /** Whether the server said so to us, or somebody vouches for it (PROVEN). */
  readonly isProven: boolean
  /** Null: a report said so, in its words. */
  readonly fault: SenderFault | null
  readonly status: string | null
  readonly said: string
}

/** So many are looked at: more say nothing more. */
const MOST_FAULTS = 1_000

/**
 * What was found wrong with our set-up since, at once and by reports about mails of since: what is
 * proven of each address first, and the last. Not with what people ask for themselves, as in
 * `against`.
 */
export async function faultsSince(db: Db, since: Temporal.Instant): Promise<SaidFault[]> {
  const { rows } = await sql<SaidFault>`
    select distinct on (f.address_hash) f.address_hash as "addressHash", ${DOMAIN} as domain,
      f.is_proven as "isProven", f.fault, f.status, f.said
    from (
      select delivery_id, address_hash, true as is_proven, fault, null as status, said, at
      from sender_faults where at > ${instant(since)}
      union all
      select r.delivery_id, r.address_hash, ${isProven}, null, r.status, r.diagnostic, r.received_at
      from reports r
      where r.received_at > ${instant(since)} and r.mailed_at > ${instant(since)}
        and r.class = ${'sender' satisfies BounceClass} and r.address_hash is not null
    ) as f
    join deliveries d on d.id = f.delivery_id and ${isOfSeries}
    join enrollments e on e.id = d.enrollment_id join subscribers s on s.id = e.subscriber_id
    order by f.address_hash, f.is_proven desc, f.at desc limit ${MOST_FAULTS}`.execute(db)
  return rows
}

export const purgeFaults = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('sender_faults').where('at', '<', instant(before)).execute()
