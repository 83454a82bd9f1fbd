import type { Series } from '../../domain/course.ts'
import type { Editions } from '../../mail/edition.ts'
import { readable } from '../../mail/render/readable.ts'
import type * as stores from '../../store/index.ts'
import { contentOf } from '../shared/contents.ts'
import { type Deps as MailDeps, readerOf } from '../shared/mail-of.ts'
import { type AnnouncementDeps, articlesAnnouncedBy } from '../shared/news.ts'
import { type Deps as DaysDeps, type Received, receivedOf } from './days.ts'

export interface Deps extends MailDeps, DaysDeps, Pick<AnnouncementDeps, 'articles'> {
  readonly stores: MailDeps['stores'] &
    DaysDeps['stores'] &
    Pick<typeof stores, 'editions' | 'letters'>
  readonly editions: Editions
}

/** A past mail as it was sent. */
export interface ReadLesson {
  readonly id: string
  readonly enrollmentId: string
  readonly series: Series
  readonly subject: string
  /** The page from the mail, without its links to controls. */
  readonly html: string
  /** The mails before and after it. */
  readonly previous: Neighbor | null
  readonly next: Neighbor | null
}

export type Neighbor = Pick<Received, 'id' | 'day' | 'subject'>

/**
 * Returns the lesson or inspiration of a delivery as it was sent, even if its course has been
 * edited since. The page can only be read: it says where the links to pause or leave are. Null if
 * it was not sent, or its person is gone.
 */
export async function readLesson(deliveryId: string, deps: Deps): Promise<ReadLesson | null> {
  const { db, stores, editions } = deps
  const mail = await stores.reading.mailOf(db, deliveryId)
  const series = mail && deps.series.get(mail.series)
  if (!mail || !series) return null
  const keptSource = mail.edition ? await stores.editions.byHash(db, mail.edition) : undefined
  const articles = keptSource ? [] : await articlesAnnouncedBy(mail, deps)
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
