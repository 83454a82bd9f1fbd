/**
 * The leases of workers: each has one, on everything it has claimed. They run on the database's own
 * clock, which no sandbox moves, and are short: a worker renews its own for as long as it lives.
 */
import { sql } from 'kysely'
import { transitionOf } from '../domain/delivery.ts'
import { type Db, literals, prepared } from './postgres/sql.ts'

export interface Lease {
  readonly worker: string
  readonly seconds: number
}

/** The end of a lease that begins now. */
export const leaseEnd = ({ seconds }: Pick<Lease, 'seconds'>) =>
  sql<string>`now() + ${seconds} * interval '1 second'`

/**
 * Renews or begins a worker's lease. Returns whether it was held until now: if not, what the worker
 * had claimed may have been given to others.
 */
export async function renew(db: Db, lease: Lease): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('workers')
    .set({ lease_until: leaseEnd(lease) })
    .where('name', '=', lease.worker)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return true
  await sql`insert into workers (name, lease_until) values (${lease.worker}, ${leaseEnd(lease)})
    on conflict (name) do update set lease_until = excluded.lease_until`.execute(db)
  return false
}

/** Removes the lease of a worker that holds nothing and has stopped. */
export const remove = (db: Db, worker: string) =>
  db.deleteFrom('workers').where('name', '=', worker).execute()

/**
 * Makes ready again what a worker has claimed of these, with what goes along in their mails. For a
 * claim that the worker got no answer to: none of it has been handed over. Returns how many.
 */
export async function releaseUnanswered(
  db: Db,
  worker: string,
  { ids, now }: { readonly ids: readonly string[]; readonly now: Temporal.Instant },
): Promise<number> {
  const { from, to } = transitionOf('release')
  const { numAffectedRows } = await sql`
    update ledger d set status = ${to}, queued_at = null, try_at = ${String(now)}::timestamptz,
      reason = 'its claim was not answered', reason_code = null
    where d.status in (${literals(from)}) and d.worker = ${worker}
      and (d.id = any (${[...ids]}::uuid[]) or d.merged_into = any (${[...ids]}::uuid[]))`.execute(
    db,
  )
  return Number(numAffectedRows ?? 0)
}

/**
 * Returns the deliveries that a worker which is gone had handed over, each with the edition that a
 * server is known to have taken (null if none is); null if that is not known here.
 */
export type HandoverLookup = (worker: string) => Promise<ReadonlyMap<string, string | null> | null>

/** Number of deliveries by what became of them when their workers were gone. */
export interface ReapedCounts {
  readonly unknown: number
  readonly ready: number
  readonly sent: number
}

export interface ReapOptions {
  /**
   * Seconds that a delivery which may have been sent waits if it is uncertain that its worker has
   * ended. One that was only cut off from the database comes back and reports what became of it.
   */
  readonly doubtSeconds: number
  readonly handedOverBy: HandoverLookup
  /** Also finds what is held by no known worker: scans everything that has not ended. */
  readonly orphans: boolean
}

/**
 * Deliveries whose worker is gone become unknown if it had begun to hand them over, or may have;
 * those that a server is known to have taken are sent. All others are ready again.
 */
export async function reapExpired(
  db: Db,
  now: Temporal.Instant,
  { doubtSeconds, handedOverBy, orphans }: ReapOptions,
): Promise<ReapedCounts> {
  const gone = await goneWorkers(db, orphans)
  if (gone.length === 0) return { unknown: 0, ready: 0, sent: 0 }
  const known = new Map<string, ReadonlyMap<string, string | null>>()
  for (const worker of gone) {
    const handedOver = worker === null ? null : await handedOverBy(worker)
    if (worker !== null && handedOver) known.set(worker, handedOver)
  }
  return reap(db, now, { gone, known, doubtSeconds })
}

/** Returns the workers whose lease has expired; null for deliveries without a recorded worker. */
async function goneWorkers(db: Db, orphans: boolean): Promise<(string | null)[]> {
  const { rows } = await sql<{ worker: string | null }>`
    ${prepared(orphans ? 'gone-workers-and-orphans' : 'gone-workers')} select name as worker
    from workers where lease_until < now()
    ${
      orphans
        ? sql`union select d.worker from ledger d where d.status = 'sending'
            and not exists (select from workers w where w.name = d.worker)`
        : sql``
    }`.execute(db)
  return rows.map(({ worker }) => worker)
}

interface GoneWorkers {
  readonly gone: readonly (string | null)[]
  /** What each worker whose end is certain had handed over. */
  readonly known: ReadonlyMap<string, ReadonlyMap<string, string | null>>
  readonly doubtSeconds: number
}

const [LOSE, RELEASE] = [transitionOf('lose'), transitionOf('release')]
const [ACCEPT, MERGE] = [transitionOf('accept'), transitionOf('merge')]

/** Rows locked by another transaction, such as a result just being written, are passed over. */
async function reap(
  db: Db,
  now: Temporal.Instant,
  { gone, known, doubtSeconds }: GoneWorkers,
): Promise<ReapedCounts> {
  const names = gone.filter((worker) => worker !== null)
  const isKnown = sql`(d.worker = any (${[...known.keys()]}::text[])) is true`
  const handedOver = [...known.values()].flatMap((editions) => [...editions])
  const taken = handedOver.filter(([, edition]) => edition !== null)
  const takenIds = taken.map(([id]) => id)
  const wasTaken = sql`held.edition is not null`
  const wasSent = sql`(not ${isKnown} or d.id = any (${handedOver.map(([id]) => id)}::uuid[]))`
  const { rows } = await sql<{ status: string }>`
    with ended as (
      delete from workers where name = any (${names}::text[]) and lease_until < now() returning name
    ), held as (
      select d.id, t.edition from ledger d
      left join unnest(${takenIds}::uuid[], ${taken.map(([, edition]) => edition)}::text[]) as t
        (id, edition)
        on t.id = d.id
      where d.status in (${literals(LOSE.from)}) and (
        d.worker in (select name from ended) or d.worker is null
        or (d.worker = any (${names}::text[]) and not exists (select from workers w
        where w.name = d.worker))
      )
      for update of d skip locked
    )
    update ledger d set
      -- An inspiration in a mail that was taken is noted with it.
      status = case
        when ${wasTaken} and d.merged_into = any (${takenIds}::uuid[]) then ${MERGE.to}
        when ${wasTaken} then ${ACCEPT.to}
        when ${wasSent} then ${LOSE.to}
        else ${RELEASE.to} end,
      sent_at = case when ${wasTaken} then d.first_tried_at end,
      edition = coalesce(held.edition, d.edition),
      queued_at = null,
      lost_at = case when ${wasSent} and not ${wasTaken} then now() else d.lost_at end,
      try_at = ${String(now)}::timestamptz
        + case when ${isKnown} then 0 else ${doubtSeconds} end * interval '1 second',
      reason = coalesce('the worker ' || d.worker, 'its worker') || ' stopped '
        || case
          when ${wasTaken} then 'after a server had taken it'
          when ${wasSent} then 'while it was being sent'
          else 'before it was sent' end,
      reason_code = null
    from held where d.id = held.id and d.status in (${literals(LOSE.from)})
    returning d.status`.execute(db)
  const count = (...statuses: string[]) =>
    rows.filter((row) => statuses.includes(row.status)).length
  return {
    unknown: count(LOSE.to),
    ready: count(RELEASE.to),
    sent: count(ACCEPT.to, MERGE.to),
  }
}
