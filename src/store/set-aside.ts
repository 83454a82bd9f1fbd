/**
 * Enrollments that cannot be planned: set aside for an hour at a time, so that they hold up nobody
 * else's mail.
 */
import { sql } from 'kysely'
import type { Db } from './postgres/sql.ts'

/** Whether `e` is set aside at `at`. One moved since, for instance by a new rhythm, is not. */
export const isSetAside = (at: string) => sql<boolean>`exists (
  select from set_aside a where a.enrollment_id = e.id and a.due_at = e.due_at and a.try_at > ${at}
)`

const MAX_REASON_LENGTH = 500

/** Sets one aside until `tryAt`. */
export async function add(
  db: Db,
  id: string,
  { reason, now, tryAt }: { reason: string; now: Temporal.Instant; tryAt: Temporal.Instant },
): Promise<void> {
  await sql`
    insert into set_aside (enrollment_id, due_at, reason, since, try_at)
    select id, due_at, ${reason.slice(0, MAX_REASON_LENGTH)}, ${String(now)}, ${String(tryAt)}
    from enrollments where id = ${id} and due_at is not null
    on conflict (enrollment_id) do update
      set due_at = excluded.due_at, reason = excluded.reason, try_at = excluded.try_at`.execute(db)
}

/** Removes those that could be planned after all. */
export async function remove(db: Db, ids: readonly string[]): Promise<void> {
  await db
    .deleteFrom('set_aside')
    .where('enrollment_id', 'in', [...ids])
    .execute()
}

/** Returns those that still wait, longest first. */
export async function list(db: Db, limit: number) {
  return db
    .selectFrom('set_aside as a')
    .innerJoin('enrollments as e', (join) =>
      join.onRef('e.id', '=', 'a.enrollment_id').onRef('e.due_at', '=', 'a.due_at'),
    )
    .select([
      'a.enrollment_id as enrollment',
      'e.series',
      'a.reason',
      'a.since',
      'a.try_at as tryAt',
    ])
    .where('e.status', '=', 'active')
    .orderBy('a.since')
    .limit(limit)
    .execute()
}

/**
 * Whether an error raised while planning one enrollment is caused by that enrollment. Among the
 * database's errors that is a value it refuses (SQLSTATE class 22 data, 23 constraint, P0 raised);
 * all others would hit any other enrollment as well.
 */
export function isCausedByEnrollment(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && !code.startsWith('ERR_')) return /^(22|23|P0)/.test(code)
  return !/connection|timeout/i.test(String(message))
}
