/** The part of the ledger that has not left yet: what is queued, what is overdue, what can no longer leave. */
import { sql } from 'kysely'
import { moveOf, OPEN, type Status, UNCOMPOSED } from '../domain/delivery.ts'
import { goesAlone, isOpen, isWanted } from './may-leave.ts'
import { type Db, instant } from './sql.ts'

/**
 * Ends what can no longer leave: its window has closed, or the person has left. Lessons keep their place, and
 * what a pause holds back waits for its end.
 */
export async function settle(db: Db, now: Temporal.Instant): Promise<number> {
  const expire = moveOf('expire')
  const skip = moveOf('skip')
  const expired = await sql`
    update deliveries d set status = ${expire.to},
      reason = case when starts_with(reason, ${UNCOMPOSED}) then reason || '; its window closed' else 'its window closed' end
    where ${isOpen} and d.status = any (${[...expire.from]}::text[]) and d.until <= ${String(now)} and d.kind <> 'lesson'`.execute(
    db,
  )
  const skipped = await sql`
    update deliveries d set status = ${skip.to}, reason = 'left or suppressed'
    from enrollments e, subscribers s
    where e.id = d.enrollment_id and s.id = e.subscriber_id
      and ${isOpen} and d.status = any (${[...skip.from]}::text[]) and d.try_at <= ${String(now)}
      and not (${isWanted})`.execute(db)
  return Number(expired.numAffectedRows ?? 0n) + Number(skipped.numAffectedRows ?? 0n)
}

/**
 * Deliveries that are ready and that no job stands for; marks them as queued. Most urgent first. One that was
 * queued longer than `patience` ago counts as well: its job is taken for lost.
 */
export async function takeUnqueued(
  db: Db,
  now: Temporal.Instant,
  { patience, resends, limit }: { patience: string; resends: number; limit: number },
): Promise<string[]> {
  const at = String(now)
  const { rows } = await sql<{ id: string }>`
    update deliveries set queued_at = now() where id in (
      select d.id from deliveries d
      where ${isOpen} and (d.status <> 'unknown' or d.resends < ${resends})
        and d.try_at <= ${at} and d.due_at <= ${at} and d.until > ${at}
        and (d.queued_at is null or d.queued_at < now() - ${patience}::interval)
        and ${goesAlone(now)}
      order by d.due_at limit ${limit} for update skip locked
    ) returning id`.execute(db)
  return rows.map((row) => row.id)
}

/** Notes that no job stands for these deliveries any more: the next sweep queues them again. */
export const markUnqueued = (db: Db, ids: readonly string[]) =>
  ids.length === 0
    ? Promise.resolve([])
    : db
        .updateTable('deliveries')
        .set({ queued_at: null })
        .where('id', 'in', [...ids])
        .where('status', 'in', ['planned', 'retry'])
        .execute()

/** When a worker next has something to do with the ledger that is not held back nor too late at `now`, or null. */
export async function nextTryAt(db: Db, now: Temporal.Instant): Promise<Temporal.Instant | null> {
  const row = await db
    .selectFrom('deliveries as d')
    .select('try_at')
    .where(isOpen)
    .where('status', 'in', ['planned', 'retry'])
    .where('until', '>', instant(now))
    .whereRef('try_at', '<', 'until')
    .orderBy('try_at')
    .limit(1)
    .executeTakeFirst()
  return row?.try_at ?? null
}

/** Whether anything was planned, or tried again, at `moment` or later. */
export async function isDueSince(db: Db, moment: Temporal.Instant): Promise<boolean> {
  const row = await db
    .selectFrom('deliveries')
    .select('id')
    .where(({ or, eb }) => or([eb('created_at', '>=', instant(moment)), eb('try_at', '=', instant(moment))]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** How many deliveries could leave at `now` but have not. */
export async function countReady(db: Db, now: Temporal.Instant, resends: number): Promise<number> {
  const row = await db
    .selectFrom('deliveries as d')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where(goesAlone(now))
    .where(({ eb, and, or }) =>
      or([eb('status', 'in', OPEN), and([eb('status', '=', 'unknown'), eb('resends', '<', resends)])]),
    )
    .where('try_at', '<=', instant(now))
    .where('until', '>', instant(now))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export async function countByStatus(db: Db): Promise<Partial<Record<Status, number>>> {
  const rows = await db
    .selectFrom('deliveries')
    .select(({ fn }) => ['status', fn.countAll<string>().as('count')])
    .groupBy('status')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.status, Number(row.count)]))
}
