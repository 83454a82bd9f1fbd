/** Whether a member wants to be mailed when they are answered. */
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

interface Deps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'commentWishes'>
}

export const openWishes = ({ db, now, stores }: Deps) => ({
  wantsAnswers: (subscriberId: string) => stores.commentWishes.has(db, subscriberId),
  wishAnswers: async (subscriberId: string, wish: 'yes' | 'no'): Promise<void> => {
    if (wish === 'yes') await stores.commentWishes.subscribe(db, subscriberId, now())
    else await stores.commentWishes.end(db, subscriberId)
  },
})
