/** What is recorded and logged about a mail that was not sent. */
import { type Judgment, judgeFailure } from '../../domain/judgment.ts'
import { messageOf } from '../../domain/problem.ts'
import { redactedReply } from '../../domain/smtp-reply.ts'
import type { IntervalLimiter } from '../../platform/interval-limiter.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Claimed, ComposedFields } from './record.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly log: Logger
  /** Whether a fault of the program may be logged now. */
  readonly mayTell: IntervalLimiter
}

/** A mail that was not sent, and what that means. */
export interface FailedDelivery {
  readonly delivery: Claimed
  readonly thrown: unknown
  readonly judgment: Judgment
  /** In the server's words, without addresses. */
  readonly reason: string
  /** What the ledger keeps of the attempt, besides its reason. */
  readonly of: ComposedFields & Pick<stores.outcomes.Result, 'server' | 'failure'>
}

interface FailedAttempt {
  readonly delivery: Claimed
  readonly said: ComposedFields
  readonly thrown: unknown
}

export function toFailedDelivery(
  { delivery, said, thrown }: FailedAttempt,
  { now }: Pick<Deps, 'now'>,
): FailedDelivery {
  const judgment = judgeFailure(thrown)
  const reason = redactedReply(judgment.reason)
  return {
    delivery,
    thrown,
    judgment,
    reason,
    of: { ...said, ...triedBy(judgment, reason, now()) },
  }
}

/** Returns what the ledger keeps of an attempt: server, and for the history time and reason. */
function triedBy(judgment: Judgment, reason: string, at: Temporal.Instant) {
  const server = 'server' in judgment ? judgment.server : null
  if (judgment.verdict === 'later') return {}
  return { ...(server && { server }), failure: { at, words: `${server ?? 'Dawnpost'}: ${reason}` } }
}

/** The transport logs what concerns a server, once for all its mails. */
const LEVEL: Partial<Record<Judgment['verdict'], 'error' | 'debug'>> = {
  ours: 'error',
  halt: 'debug',
  transport: 'debug',
  unknown: 'debug',
}

export function logFailure(
  { delivery: { id }, thrown, judgment, reason }: FailedDelivery,
  deps: Pick<Deps, 'log' | 'mayTell'>,
) {
  if (!('server' in judgment)) {
    if (judgment.verdict === 'fault') logFault(thrown, deps)
    return
  }
  const { verdict, server, code, smtp } = judgment
  deps.log[LEVEL[verdict] ?? 'warn'](
    { delivery: id, verdict, server, code, smtp, reply: reason },
    'not sent',
  )
}

/** Logs a fault of the program or of what it depends on, with its stack, but not for every mail. */
function logFault(thrown: unknown, { log, mayTell }: Pick<Deps, 'log' | 'mayTell'>) {
  const omitted = mayTell(messageOf(thrown))
  if (omitted === null) return
  const more = omitted > 0 ? { alsoSince: omitted } : {}
  log.error(
    { err: thrown, ...more },
    'mails could not be handed over; they are retried like deferred mails',
  )
}
