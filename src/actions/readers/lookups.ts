import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'subscribers' | 'enrollments' | 'readerDeliveries'>
}

/**
 * What a person at the command line looks up: who somebody is, what they are in, what was mailed to
 * them.
 */
export const openLookups = ({ db, stores }: Deps) => ({
  subscriberByKey: (key: string) => stores.subscribers.byKey(db, key),
  enrollmentsOf: (subscriberId: string) => stores.enrollments.ofSubscriber(db, subscriberId),
  mailsTo: (subscriberId: string, limit: number) =>
    stores.readerDeliveries.mailsTo(db, subscriberId, limit),
})
