/** Sends the mails about comments that are due, one at a time. */
import { judgeFailure } from '../../domain/judgment.ts'
import { MINUTE, SECOND } from '../../domain/time.ts'
import type { Mail } from '../../mail/mail.ts'
import type { composeNotice } from '../../mail/message/compose.ts'
import type { Transport } from '../../mail/smtp/transport.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import { type Deps as LetterDeps, letterFor } from './letters.ts'

export interface Deps extends LetterDeps {
  readonly log: Logger
  readonly stores: LetterDeps['stores'] & Pick<typeof stores, 'commentMails'>
  readonly transport: Transport
  readonly lease: stores.leases.Lease
  readonly lineage: { readonly seen: () => stores.lineage.KnownLineage }
  /** Domain of Message-IDs. */
  readonly domain: string
  /** Returns the envelope sender of a mail; null for the default one. */
  readonly returnPathForComment: (id: string) => string | null
  readonly composeNotice: (
    notice: Parameters<typeof composeNotice>[0],
    terms: Parameters<typeof composeNotice>[1],
  ) => Mail
}

type Claimed = stores.commentMails.ClaimedMail

/** Milliseconds to wait for a place at a server; the next turn asks again. */
const RESERVE_TIMEOUT_MS = 5 * SECOND
/** Milliseconds until a mail that could not be handed over is tried again. */
const RETRY_DELAY_MS = 10 * MINUTE

/**
 * Sends until nothing is due. As with deliveries, a row is claimed before SMTP; if its worker dies
 * while sending, it becomes unknown. It is not resent, since the next day's mail lists what still
 * waits, and an answer is on the page.
 */
export async function sendCommentMails(deps: Deps): Promise<void> {
  const { db, now, stores } = deps
  for (const lost of await stores.commentMails.endAbandoned(db, now()))
    await markAnnounced(lost, deps)
  while (await sendOne(deps)) {}
}

async function sendOne(deps: Deps): Promise<boolean> {
  const { db, now, stores, transport, lease, domain, lineage } = deps
  if (!(await stores.commentMails.isAnyDue(db, now()))) return false
  if ((await transport.reserve(1, AbortSignal.timeout(RESERVE_TIMEOUT_MS))) === 0) return false
  try {
    const claimed = await stores.commentMails.claim(db, {
      now: now(),
      lease,
      domain,
      seen: lineage.seen(),
    })
    if (!claimed) return false
    await send(claimed, deps)
    return true
  } finally {
    transport.free(1)
  }
}

/** Only the handover is inside the `try`, as in actions/sending/deliver.ts. */
async function send(claimed: Claimed, deps: Deps): Promise<void> {
  const { now, transport, composeNotice, log } = deps
  const { id, kind, messageId, firstTriedAt: date } = claimed
  const letter = await letterFor(claimed, deps)
  if (letter === null) {
    await finish(claimed, { status: 'skipped', reason: 'nothing to tell any more' }, deps)
    return
  }
  const { to, list, notice } = letter
  const stamp = { messageId, date, returnPath: deps.returnPathForComment(id) }
  const mail = composeNotice(notice, { to, list, stamp })
  try {
    await transport.send(mail, claimed.subscriberId ?? id)
  } catch (thrown) {
    await handleFailure(claimed, thrown, deps)
    return
  }
  await finish(claimed, { status: 'sent', at: now() }, deps)
  log.debug({ mail: id, kind }, 'sent')
}

async function handleFailure(claimed: Claimed, thrown: unknown, deps: Deps): Promise<void> {
  const judgment = judgeFailure(thrown)
  const { verdict, reason } = judgment
  const isOver = verdict === 'bounced' || verdict === 'disabled' || verdict === 'refused'
  if (verdict === 'unknown') await finish(claimed, { status: 'unknown', reason }, deps)
  else if (isOver && !('isDoubted' in judgment && judgment.isDoubted?.()))
    await finish(claimed, { status: 'refused', reason }, deps)
  else {
    const milliseconds = 'inMs' in judgment ? judgment.inMs : RETRY_DELAY_MS
    await finish(claimed, { status: 'retry', at: deps.now().add({ milliseconds }), reason }, deps)
  }
  deps.log.warn(
    { mail: claimed.id, kind: claimed.kind, verdict },
    'a mail about comments was not sent',
  )
}

/** After these, nothing that was there by then has to be announced any more. */
const ANNOUNCED_STATUSES: readonly stores.commentMails.CommentMailOutcome['status'][] = [
  'sent',
  'unknown',
  'skipped',
]

async function finish(
  claimed: Claimed,
  ending: stores.commentMails.CommentMailOutcome,
  deps: Deps,
): Promise<void> {
  await deps.stores.commentMails.finish(deps.db, claimed.id, ending, deps.lease.worker)
  if (ANNOUNCED_STATUSES.includes(ending.status)) await markAnnounced(claimed, deps)
}

/** Marks answers as announced, so that nobody is told of one twice. */
async function markAnnounced(
  { subscriberId, dueAt }: Pick<Claimed, 'subscriberId' | 'dueAt'>,
  { db, stores }: Deps,
): Promise<void> {
  if (subscriberId !== null) await stores.commentWishes.markAnnounced(db, subscriberId, dueAt)
}
