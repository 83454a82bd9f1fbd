/** Answers to comments that are told in a mail of the morning, where there is one. */
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
  /** Answers that would come no further apart from a mail than this go into it; 0: none do. */
  readonly oneMailWithinMs: number
}

/** A mail that can tell answers. */
export interface Leaving {
  readonly delivery: string
  readonly morning: SendWindow
}

/**
 * Plans the answers that go in mails which are planned just now, by their readers: those that were
 * there when the mail is due, and would come by themselves on the same date. Asks the database
 * nothing where no reader has any.
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

/** Of an answer, in a mail that is about something else. UTF-16 units. */
const EXCERPT = 160

/**
 * What the mail of a delivery says of answers to its reader's comments; null where it says nothing.
 * An attempt tells those that the first one told (I5) and are there still. Nothing is told to
 * whoever has ended the wish meanwhile, nor by a layout that has no place for it: such mails go
 * alone.
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
