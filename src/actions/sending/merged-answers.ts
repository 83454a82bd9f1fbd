/** Answers to comments that go into another mail of the same morning, if there is one. */
import { morningOn, type SendWindow } from '../../domain/schedule.ts'
import { isBefore } from '../../domain/time.ts'
import type { Locales } from '../../locales/locale.ts'
import type { Edition, Reader } from '../../mail/edition.ts'
import type { CommentAnswers } from '../../mail/render/comment-answers.ts'
import type { Links } from '../../security/links.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import {
  type CommentHeadingDeps,
  MAX_COMMENTS_PER_MAIL,
  rhythmOfWish,
  toMailedAnswer,
} from '../shared/answers.ts'
import type { Claimed } from './record.ts'

export interface PlanDeps {
  readonly stores: Pick<typeof stores, 'commentMails' | 'commentWishes'>
  /** Answers due no further apart from a mail than this go into it; 0 turns this off. */
  readonly oneMailWithinMs: number
}

/** A mail that can carry answers. */
export interface CarrierMail {
  readonly delivery: string
  readonly morning: SendWindow
}

/**
 * Plans the answers that go into the mails being planned, which `leaving` has by reader: answers
 * that exist by the time the mail is due and would otherwise be sent on the same date. Makes no
 * query if no reader has any.
 */
export async function planMergedAnswers(
  tx: Db,
  now: Temporal.Instant,
  carriers: ReadonlyMap<string, CarrierMail>,
  { stores, oneMailWithinMs }: PlanDeps,
): Promise<void> {
  if (carriers.size === 0 || oneMailWithinMs === 0) return
  for (const wish of await stores.commentWishes.recipients(tx, [...carriers.keys()])) {
    const mail = carriers.get(wish.subscriberId)
    const window = mail && morningOn(rhythmOfWish(wish), mail.morning.on)
    if (!mail || !window || !isBefore(wish.first, mail.morning.at)) continue
    const apart = window.at.epochMilliseconds - mail.morning.at.epochMilliseconds
    if (Math.abs(apart) > oneMailWithinMs) continue
    const { subscriberId, address_hash: hash } = wish
    const answers = { kind: 'answers', subscriberId, hashes: [hash], ...mail.morning } as const
    await stores.commentMails.plan(tx, { ...answers, mergedInto: mail.delivery }, now)
  }
}

export interface ComposeDeps extends Omit<CommentHeadingDeps, 'locale'> {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'commentMails' | 'commentWishes'>
  readonly links: Links
  readonly locales: Locales
  readonly renderAnswers: (answers: CommentAnswers, edition: Edition) => Reader['answers']
}

/** Length of an answer's excerpt in a mail about something else, in UTF-16 units. */
const EXCERPT_LENGTH = 160

/**
 * Returns the answers to its reader's comments that the mail of a delivery includes, or null if
 * there are none. A retry includes those of the first attempt (I5) that still exist. Also null if
 * the reader has turned these mails off since, or if the layout has no place for answers; these
 * then go in a mail of their own.
 */
export async function mergedAnswersOf(
  { answers: id, subscriberId, epoch, firstTriedAt }: Claimed,
  edition: Edition,
  deps: ComposeDeps,
): Promise<Reader['answers']> {
  if (id === null || !hasAnswersSlot(edition)) return null
  const { db, stores, links, locales } = deps
  const along = await stores.commentMails.mergedMail(db, id)
  if (!along) return null
  const { told, until } = along
  const rows = told
    ? await stores.commentWishes.stillPublishedFor(db, subscriberId, told)
    : await stores.commentWishes.unannouncedFor(db, subscriberId, {
        until,
        limit: MAX_COMMENTS_PER_MAIL,
      })
  if (told === null)
    await stores.commentMails.recordAnnounced(
      db,
      id,
      rows.map((row) => row.id),
    )
  if (rows.length === 0) return null
  const locale = locales.of(edition.series.language)
  const comments = rows.map((row) => toMailedAnswer(row, EXCERPT_LENGTH, { ...deps, locale }))
  const url = links.url('answers', { id: subscriberId, epoch }, firstTriedAt)
  return deps.renderAnswers(
    { comments, leave: { label: locale.t('mail.answers.leave'), url } },
    edition,
  )
}

function hasAnswersSlot(edition: Edition) {
  const { html, text } = edition.source()
  return [html, text].every((part) => part.includes('{{answers}}'))
}
