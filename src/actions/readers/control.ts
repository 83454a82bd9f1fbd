/**
 * Common start of all controls: the enrollment, locked so that nobody plans or claims meanwhile.
 */
import { Problem } from '../../domain/problem.ts'
import type { Key } from '../../locales/locale.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'enrollments' | 'deliveries' | 'readerDeliveries'>
}

export type ActiveEnrollment = stores.enrollments.Enrollment & {
  readonly due_on: Temporal.PlainDate
}

/**
 * Runs `use` with an active enrollment in one transaction: a control happens completely or not at
 * all.
 *
 * @throws Problem `not_found` when the enrollment is not active.
 */
export async function withActive<T>(
  enrollmentId: string,
  use: (tx: Db, enrollment: ActiveEnrollment, now: Temporal.Instant) => Promise<T>,
  { db, now, stores }: Deps,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    const row = await stores.enrollments.lock(tx, enrollmentId)
    if (row?.status !== 'active' || !row.due_on) throw new Problem('not_found', ENDED)
    return use(tx, { ...row, due_on: row.due_on }, now())
  })
}

export const ENDED = 'enrollment.ended' satisfies Key
