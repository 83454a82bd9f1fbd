/** Turns a row of the ledger into a mail. */
import { lessonById, type Series } from '../../domain/course.ts'
import {
  ARTICLES_REMOVED_REASON,
  LESSON_REMOVED_REASON,
  UNCOMPOSED_PREFIX,
} from '../../domain/delivery.ts'
import { messageOf } from '../../domain/problem.ts'
import { isAfter } from '../../domain/time.ts'
import type { Edition, Editions, Reader } from '../../mail/edition.ts'
import type { Mail, Stamp } from '../../mail/mail.ts'
import { editionOf } from '../../mail/render/edition-from-source.ts'
import type { Logger } from '../../platform/log.ts'
import type { ClickTokens } from '../../security/click-tokens.ts'
import type * as stores from '../../store/index.ts'
import { contentOf } from '../shared/contents.ts'
import { type Deps as MailDeps, readerOf } from '../shared/mail-of.ts'
import { type AnnouncementDeps, articlesAnnouncedBy } from '../shared/news.ts'
import type { Alarm } from './alarm.ts'
import { type ComposeDeps as AnswersDeps, mergedAnswersOf } from './merged-answers.ts'
import {
  type Claimed,
  type ComposedFields,
  RETRY_DELAYS_MS,
  type Deps as RecordDeps,
  recordOutcome,
} from './record.ts'

export interface Deps
  extends MailDeps,
    RecordDeps,
    AnswersDeps,
    Pick<AnnouncementDeps, 'articles'> {
  readonly log: Logger
  readonly stores: MailDeps['stores'] &
    AnswersDeps['stores'] &
    Pick<typeof stores, 'editions' | 'letters' | 'clicks'>
  readonly clickTokens: ClickTokens
  readonly editions: Editions
  /** Brings `series` up to date. */
  readonly refreshCourses: () => Promise<void>
  readonly compose: (edition: Edition, reader: Reader, stamp: Stamp) => Mail
  /** Returns the envelope sender of a delivery; null for the default one. */
  readonly returnPathFor: (delivery: Claimed) => string | null
  /** The editions this process has kept, or is keeping, by hash. */
  readonly keptEditions: Map<string, Promise<unknown>>
  /** Logs why the mails of a series cannot be composed, each cause once. */
  readonly alarm: Alarm
}

/**
 * Returns what the ledger records about the content of a mail. For a text of an earlier attempt,
 * the day was recorded with it.
 */
export function composedFieldsOf(
  { hash, series }: Edition,
  { kind, item, edition }: Claimed,
): ComposedFields {
  const day = kind === 'lesson' && edition !== hash ? lessonById(series, item)?.day : undefined
  return { edition: hash, ...(day && { day }) }
}

/**
 * Composes the mail; returns null if there is none to send now. A mail that cannot be composed is
 * released for later, since a text or the program is at fault and can be fixed. It is also released
 * if the database fails to supply the reader's data, which says nothing about its text.
 */
export async function composeMail(
  delivery: Claimed,
  deps: Deps,
): Promise<{ edition: Edition; mail: Mail } | null> {
  const { messageId, firstTriedAt: date } = delivery
  const returnPath = deps.returnPathFor(delivery)
  const later = (cause: keyof typeof RETRY_DELAYS_MS) =>
    deps.now().add({ milliseconds: RETRY_DELAYS_MS[cause] })
  try {
    const edition = await editionFor(delivery, deps)
    if (!edition) {
      const reason = delivery.kind === 'letter' ? ARTICLES_REMOVED_REASON : LESSON_REMOVED_REASON
      recordOutcome(delivery, { move: 'refuse', reason }, deps)
      return null
    }
    await saveEdition(edition, deps)
    const reader = {
      ...(await readerOf(delivery, edition.series, deps)),
      ...(await countedUrlsOf(delivery, edition, deps)),
      answers: await mergedAnswersOf(delivery, edition, deps),
    }
    return {
      edition,
      mail: await tryComposing(() =>
        deps.compose(edition, reader, { messageId, date, returnPath }),
      ),
    }
  } catch (fault) {
    if (fault instanceof CompositionError) {
      const reason = UNCOMPOSED_PREFIX + messageOf(fault.cause)
      const why = { reason, reasonCode: 'not_composed' } as const
      recordOutcome(delivery, { move: 'release', tryAt: later('unfit'), ...why }, deps)
      deps.alarm(delivery.series, fault.cause)
    } else {
      recordOutcome(
        delivery,
        { move: 'release', tryAt: later('transport'), reason: messageOf(fault) },
        deps,
      )
      deps.log.warn(
        { err: fault, delivery: delivery.id },
        'the database did not return what a mail needs; the mail is tried again',
      )
    }
    return null
  }
}

/**
 * Returns the counted links for a reader who agreed to have clicks counted, and did so before the
 * first attempt: a resend repeats the mail as it was (I5), unless the reader has withdrawn since.
 */
async function countedUrlsOf(
  { id, kind, enrollmentId, firstTriedAt }: Claimed,
  { hash, countedLinks }: Edition,
  { db, stores, clickTokens, siteUrl }: Deps,
): Promise<Pick<Reader, 'countedUrls'>> {
  if (countedLinks === 0 || kind !== 'lesson') return {}
  const since = await stores.clicks.consentSince(db, enrollmentId)
  if (!since || isAfter(since, firstTriedAt)) return {}
  const tokenOf = (link: number) => clickTokens.make({ delivery: id, edition: hash, link })
  const countedUrls = Array.from(
    { length: countedLinks },
    (_, link) => `${siteUrl}/to/${tokenOf(link)}`,
  )
  return { countedUrls }
}

/** A mail that cannot be composed because of its text or the program. */
class CompositionError extends Error {}

async function tryComposing<T>(make: () => T | Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (cause) {
    throw new CompositionError('', { cause })
  }
}

/**
 * Returns the text of a delivery; null if its lesson was removed from the course or nothing that
 * its letter announces still exists. A retry uses the text of the earlier attempt, even if the
 * course has been edited since (I5).
 */
async function editionFor(delivery: Claimed, deps: Deps): Promise<Edition | null> {
  const { db, stores, series } = deps
  const { id, edition, companion } = delivery
  const articles = await articlesAnnouncedBy(delivery, deps)
  const find = () => tryComposing(() => contentOf(delivery, series, articles))
  const known = await find()
  // It may be so new that this process does not know it yet.
  if (!known) await deps.refreshCourses()
  const content = known ?? (await find())
  const today = content && (await tryComposing(() => deps.editions(content)))
  if (edition === null || today?.hash === edition) return today
  const keptSource = await stores.editions.ofAttempt(db, { id, edition, companion })
  const of = today ?? { kind: delivery.kind, series: series.get(delivery.series) as Series }
  return keptSource ? tryComposing(() => editionOf(of, edition, keptSource)) : today
}

/** Stores a text before it is first sent, so that it can be read again later. */
function saveEdition(edition: Edition, { db, now, stores, keptEditions }: Deps): Promise<unknown> {
  const { hash } = edition
  const known = keptEditions.get(hash)
  if (known) return known
  const keeping = stores.editions.save(db, { hash, ...edition.source() }, now())
  keptEditions.set(hash, keeping)
  keeping.catch(() => keptEditions.delete(hash))
  return keeping
}
