/**
 * What guard rails count. First comes what speaks against a series, which is little; the mails it
 * is weighed against (sent-counts.ts) are counted only where it is enough to mean something.
 */
import { sql } from 'kysely'
import { TRANSACTIONAL } from '../domain/delivery.ts'
import { type BounceClass, TRUSTED_SOURCES } from '../domain/report.ts'
import type { SenderFault } from '../domain/sender-fault.ts'
import { type Db, instant } from './postgres/sql.ts'

export interface ComplaintsAndBounces {
  readonly series: string
  /** Recipients' domain. */
  readonly domain: string
  /**
   * Addresses that complained; and of these, those whose complaint comes from a proven source
   * (TRUSTED_SOURCES).
   */
  readonly complaints: number
  readonly proven: number
  /** Addresses that do not exist. */
  readonly bounces: number
}

/** Whether the delivery `d` is a mail of its series, not an answer to a form. */
const isOfSeries = sql`d.kind <> all (${[...TRANSACTIONAL]}::text[])`
/** Whether the report `r` comes from a proven source. */
const isProven = sql`r.source = any (${[...TRUSTED_SOURCES]}::text[])`
/** Domain of the subscriber `s`. */
const DOMAIN = sql`substring(s.address_key from '[^@]*$')`

/**
 * Returns the complaints and bounces received since `since` about mails of each series that is not
 * paused, by recipients' domain. Mails people ask for themselves are left out: a pause would not
 * stop them, and anybody typing addresses into a form could pause a series. Complaints that were
 * taken back do not count; bounces count only if the mail was sent since, too. A series that was
 * resumed starts afresh.
 */
export async function complaintsAndBounces(
  db: Db,
  since: Temporal.Instant,
): Promise<ComplaintsAndBounces[]> {
  const { rows } = await sql<ComplaintsAndBounces>`
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

/**
 * Records a fault in our set-up that a server reported, once per mail. Returns whether it is new.
 */
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

export interface ReportedFault {
  readonly addressHash: Buffer
  /** Recipient's domain. */
  readonly domain: string
  /** Whether a server reported it directly, or a proven source did (TRUSTED_SOURCES). */
  readonly isProven: boolean
  /** Null if a report said so, in its own words. */
  readonly fault: SenderFault | null
  readonly status: string | null
  readonly said: string
}

/** Faults read at most; more would say nothing new. */
const MAX_FAULTS = 1_000

/**
 * Returns the faults in our set-up since `since`, reported during SMTP or by reports about mails
 * sent since: one per address, proven ones first, then the latest. Leaves out what people ask for
 * themselves, as `complaintsAndBounces` does.
 */
export async function faultsSince(db: Db, since: Temporal.Instant): Promise<ReportedFault[]> {
  const { rows } = await sql<ReportedFault>`
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
    order by f.address_hash, f.is_proven desc, f.at desc limit ${MAX_FAULTS}`.execute(db)
  return rows
}

export const purgeFaults = (db: Db, before: Temporal.Instant) =>
  db.deleteFrom('sender_faults').where('at', '<', instant(before)).execute()
