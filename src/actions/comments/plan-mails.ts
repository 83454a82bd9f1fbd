/** Plans mails about comments. Any number of processes may plan: a row is claimed once. */

import type { Series } from '../../domain/course.ts'
import type { Rhythm } from '../../domain/rhythm.ts'
import { morningOn } from '../../domain/schedule.ts'
import { dateIn, isBefore } from '../../domain/time.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { DEFAULT_ANSWERS_RHYTHM, rhythmOfWish } from '../shared/answers.ts'
import { type Deps as ModeratorDeps, moderatorsOf } from './moderators.ts'

export interface Deps extends ModeratorDeps {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<
    typeof stores,
    'commentDecisions' | 'commentMails' | 'commentWishes' | 'due'
  >
  readonly series: ReadonlyMap<string, Series>
  /** Milliseconds that two mails may be apart to become one; 0 turns this off. */
  readonly oneMailWithinMs: number
}

export async function planCommentMails(deps: Deps): Promise<void> {
  await planModeration(deps)
  await planAnswers(deps)
}

/**
 * Plans one mail a day to each moderator, at eight UTC, if something waits that was there by then.
 * What comes later waits for the next day.
 */
async function planModeration(deps: Deps): Promise<void> {
  const { db, now, stores } = deps
  const moderators = moderatorsOf(deps)
  const at = now()
  const morning = currentMorning(DEFAULT_ANSWERS_RHYTHM, at)
  if (moderators.length === 0 || !morning) return
  if ((await stores.commentDecisions.countWaiting(db, morning.at)) === 0) return
  for (const { hashes } of moderators)
    await stores.commentMails.plan(
      db,
      { kind: 'moderation', subscriberId: null, hashes, ...morning },
      at,
    )
}

/**
 * Plans one mail a day, in the morning of each reader who wishes it, with the answers that were
 * there by then. If a mail of their series is due, the answers may go into it
 * (actions/sending/merged-answers.ts), so this waits for it for as long as two mails may be apart.
 */
async function planAnswers(deps: Deps): Promise<void> {
  const { db, now, stores } = deps
  for (const row of await stores.commentWishes.recipients(db)) {
    const at = now()
    const morning = currentMorning(rhythmOfWish(row), at)
    if (!morning || !isBefore(row.first, morning.at)) continue
    const { subscriberId, address_hash: hash } = row
    if (await isMailAhead(subscriberId, morning.at, deps)) continue
    await stores.commentMails.plan(
      db,
      { kind: 'answers', subscriberId, hashes: [hash], ...morning },
      at,
    )
  }
}

async function isMailAhead(
  subscriberId: string,
  morning: Temporal.Instant,
  { db, now, stores, series, oneMailWithinMs }: Deps,
): Promise<boolean> {
  const by = morning.add({ milliseconds: oneMailWithinMs })
  if (!isBefore(now(), by)) return false
  const query = { subscribers: [subscriberId], series: [...series.keys()], by }
  return (await stores.due.soon(db, query)).length > 0
}

/** Returns today's morning, if it has come and is not over. */
function currentMorning(rhythm: Rhythm, now: Temporal.Instant) {
  const morning = morningOn(rhythm, dateIn(rhythm.zone, now))
  return morning && !isBefore(now, morning.at) && isBefore(now, morning.until) ? morning : null
}
