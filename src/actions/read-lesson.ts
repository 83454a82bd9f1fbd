import type { Series } from '../domain/course.ts'
import type { Editions, readable } from '../mail/compile.ts'
import type * as stores from '../store/index.ts'
import { contentOf, type Deps as MailDeps, readerOf } from './mail-of.ts'

export interface Deps extends MailDeps {
  readonly stores: MailDeps['stores'] & Pick<typeof stores, 'editions'>
  readonly editions: Editions
  readonly readable: typeof readable
  readonly siteUrl: string
}

/** A mail that has come, as it was. */
export interface ReadLesson {
  readonly id: string
  readonly enrollmentId: string
  readonly series: Series
  readonly subject: string
  /** The page that was in the mail; its links give no control away. */
  readonly html: string
  /** Deliveries that came before and after it. */
  readonly previous: string | null
  readonly next: string | null
}

/**
 * The lesson or inspiration of a delivery as it was sent, though its course may have been edited since. Whoever is
 * shown the page may read, and no more: links that control lead to where a fresh one can be asked for. Null when
 * nothing of it has left, or its person is gone.
 */
export async function readLesson(deliveryId: string, deps: Deps): Promise<ReadLesson | null> {
  const { db, stores, editions } = deps
  const mail = await stores.reading.mailOf(db, deliveryId)
  const series = mail && deps.series.get(mail.series)
  if (!mail || !series) return null
  const kept = mail.edition ? await stores.editions.byHash(db, mail.edition) : undefined
  const content = kept ? null : contentOf(mail, deps.series)
  const source = kept ?? (content && (await editions(content)).source)
  if (!source) return null
  const ask = `${deps.siteUrl}/link`
  const reader = {
    ...(await readerOf(mail, series, deps)),
    ...{ preferencesUrl: ask, unsubscribeUrl: ask, besideUnsubscribeUrl: ask, pauseUrl: ask, nowUrl: ask },
  }
  const all = (await stores.reading.received(db, mail.enrollmentId)).map(({ id }) => id)
  const index = all.indexOf(mail.id)
  return {
    ...{ id: mail.id, enrollmentId: mail.enrollmentId, series },
    ...deps.readable(source, reader),
    previous: all[index - 1] ?? null,
    next: index < 0 ? null : (all[index + 1] ?? null),
  }
}
