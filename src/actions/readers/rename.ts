import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'subscribers'>
}

/** Changes or removes a subscriber's first name. Mails composed from now on use it. */
export const rename = async (
  subscriberId: string,
  firstName: string,
  { db, stores }: Deps,
): Promise<void> => {
  await stores.subscribers.rename(db, subscriberId, firstName)
}

/** Sets the language used with a subscriber where a page or a mail does not belong to a series. */
export const setLanguage = async (
  subscriberId: string,
  language: string,
  { db, stores }: Deps,
): Promise<void> => {
  await stores.subscribers.setLanguage(db, subscriberId, language)
}
