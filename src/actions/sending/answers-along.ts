/** Answers to comments that go into another mail of the same morning, if there is one. */
import { morningOn, type SendWindow } from '../../domain/schedule.ts'
import { isBefore } from '../../domain/time.ts'
import type { Locales } from '../../locales/locale.ts'
import type { Edition, Reader } from '../../mail/edition.ts'
import type { AnswersBeside } from '../../mail/render/answers-beside.ts'
import type { Links } from '../../security/links.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { answerIn, type HeadDeps, MOST, rhythmOfWish } from '../shared/answers.ts'
import type { Claimed } from './record.ts'

export interface PlanDeps {
  readonly stores: Pick<typeof stores, 'commentMails' | 'commentWishes'>
  /** Answers due no further apart from a mail than this go into it; 0 turns this off. */
  readonly oneMailWithinMs: number
}

/** A mail that can carry answers. */
export interface Leaving {
  readonly delivery: string
  readonly morning: SendWindow
}

/**
 * Plans the answers that go into the mails being planned, which `leaving` has by reader: answers
 * that exist by the time the mail is due and would otherwise be sent on the same date. Makes no
 * query if no reader has any.
 */
export async function planAnswersAlong(
  tx: Db,
  now: Temporal.Instant,
  leaving: ReadonlyMap<string, Leaving>,
  { stores, oneMailWithinMs }: PlanDeps,
): Promise<void> {
  if (leaving.size === 0 || oneMailWithinMs === 0) return
  for (const wish of await stores.commentWishes.wishing(tx, [...leaving.keys()])) {
    const mail = leaving.get(wish.subscriberId)
    const window = mail && morningOn(rhythmOfWish(wish), mail.morning.on)
    if (!mail || !window || !isBefore(wish.first, mail.morning.at)) continue
    const apart = window.at.epochMilliseconds - mail.morning.at.epochMilliseconds
    if (Math.abs(apart) > oneMailWithinMs) continue
    const { subscriberId, address_hash: hash } = wish
    const answers = { kind: 'answers', subscriberId, hashes: [hash], ...mail.morning } as const
    await stores.commentMails.plan(tx, { ...answers, mergedInto: mail.delivery }, now)
  }
}

export interface ComposeDeps extends Omit<HeadDeps, 'locale'> {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'commentMails' | 'commentWishes'>
  readonly links: Links
  readonly locales: Locales
  readonly renderAnswers: (answers: AnswersBeside, edition: Edition) => Reader['answers']
}

/** Length of an answer's excerpt in a mail about something else, in UTF-16 units. */
const EXCERPT = 160

/**
 * Returns the answers to its reader's comments that the mail of a delivery includes, or null if
 * there are none. A retry includes those of the first attempt (I5) that still exist. Also null if
 * the reader has turned these mails off since, or if the layout has no place for answers; these
 * then go in a mail of their own.
 */
export async function answersIn(
  { answers: id, subscriberId, epoch, firstTriedAt }: Claimed,
  edition: Edition,
  deps: ComposeDeps,
): Promise<Reader['answers']> {
  if (id === null || !hasPlace(edition)) return null
  const { db, stores, links, locales } = deps
  const along = await stores.commentMails.along(db, id)
  if (!along) return null
  const { told, until } = along
  const rows = told
    ? await stores.commentWishes.theseFor(db, subscriberId, told)
    : await stores.commentWishes.newsFor(db, subscriberId, { until, limit: MOST })
  if (told === null)
    await stores.commentMails.noteTold(
      db,
      id,
      rows.map((row) => row.id),
    )
  if (rows.length === 0) return null
  const locale = locales.of(edition.series.language)
  const comments = rows.map((row) => answerIn(row, EXCERPT, { ...deps, locale }))
  const url = links.url('answers', { id: subscriberId, epoch }, firstTriedAt)
  return deps.renderAnswers(
    { comments, leave: { label: locale.t('mail.answers.leave'), url } },
    edition,
  )
}

function hasPlace(edition: Edition) {
  const { html, text } = edition.source()
  return [html, text].every((part) => part.includes('{{answers}}'))
}
