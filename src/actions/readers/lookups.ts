import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'subscribers' | 'enrollments' | 'readerDeliveries'>
}

/**
 * Lookups for the command line: who somebody is, their enrollments, and what was mailed to them.
 */
export const openLookups = ({ db, stores }: Deps) => ({
  subscriberByKey: (key: string) => stores.subscribers.byKey(db, key),
  enrollmentsOf: (subscriberId: string) => stores.enrollments.ofSubscriber(db, subscriberId),
  mailsTo: (subscriberId: string, limit: number) =>
    stores.readerDeliveries.mailsTo(db, subscriberId, limit),
})
