import type { Series } from '../../domain/course.ts'
import type { Editions } from '../../mail/edition.ts'
import { readable } from '../../mail/render/readable.ts'
import type * as stores from '../../store/index.ts'
import { contentOf } from '../shared/contents.ts'
import { type Deps as MailDeps, readerOf } from '../shared/mail-of.ts'
import { articlesToldBy, type ToldDeps } from '../shared/news.ts'
import { type Deps as DaysDeps, type Received, receivedOf } from './days.ts'

export interface Deps extends MailDeps, DaysDeps, Pick<ToldDeps, 'articles'> {
  readonly stores: MailDeps['stores'] &
    DaysDeps['stores'] &
    Pick<typeof stores, 'editions' | 'letters'>
  readonly editions: Editions
}

/** A mail that has come, as it was. */
export interface ReadLesson {
  readonly id: string
  readonly enrollmentId: string
  readonly series: Series
  readonly subject: string
  /** The page that was in the mail, without its links to controls. */
  readonly html: string
  /** What came before and after it. */
  readonly previous: Neighbor | null
  readonly next: Neighbor | null
}

export type Neighbor = Pick<Received, 'id' | 'day' | 'subject'>

/**
 * The lesson or inspiration of a delivery as it was sent, though its course may have been edited
 * since. Whoever is shown the page may read, and no more: it says where the links to pause or leave
 * are. Null when nothing of it has left, or its person is gone.
 */
export async function readLesson(deliveryId: string, deps: Deps): Promise<ReadLesson | null> {
  const { db, stores, editions } = deps
  const mail = await stores.reading.mailOf(db, deliveryId)
  const series = mail && deps.series.get(mail.series)
  if (!mail || !series) return null
  const keptSource = mail.edition ? await stores.editions.byHash(db, mail.edition) : undefined
  const articles = keptSource ? [] : await articlesToldBy(mail, deps)
  const content = keptSource ? null : contentOf(mail, deps.series, articles)
  const source = keptSource ?? (content && (await editions(content)).source())
  if (!source) return null
  const reader = await readerOf(mail, series, deps)
  const received = await receivedOf(mail.enrollmentId, series, deps)
  const index = received.findIndex(({ id }) => id === mail.id)
  return {
    id: mail.id,
    enrollmentId: mail.enrollmentId,
    series,
    ...readable(source, reader, deps.locales.of(series.language)),
    previous: received[index - 1] ?? null,
    next: index < 0 ? null : (received[index + 1] ?? null),
  }
}
