import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'subscribers'>
}

/** Gives a subscriber another first name, or none. Mails composed from now on carry it. */
export const rename = async (
  subscriberId: string,
  firstName: string,
  { db, stores }: Deps,
): Promise<void> => {
  await stores.subscribers.rename(db, subscriberId, firstName)
}

/** Speaks to a subscriber in a language from now on, where a page or a mail is about no series. */
export const speak = async (
  subscriberId: string,
  language: string,
  { db, stores }: Deps,
): Promise<void> => {
  await stores.subscribers.speak(db, subscriberId, language)
}
