/** What is kept and told of a mail that was not sent. */
import { messageOf } from '../domain/problem.ts'
import type { Logger } from '../log.ts'
import type { Judgment } from '../mail/judge.ts'
import type { Seldom } from '../seldom.ts'

interface Deps {
  readonly log: Logger
  /** Whether a fault of the program is to be told now. */
  readonly mayTell: Seldom
}

/** What speaks against a server is told by the courier, once for all its mails. */
export const LEVEL: Partial<Record<Judgment['verdict'], 'error' | 'debug'>> = {
  ours: 'error',
  ...{ halt: 'debug', transport: 'debug', unknown: 'debug' },
}

/** What the ledger keeps of an attempt: by which server, and in the history when and why it failed. */
export function triedBy(judgment: Judgment, reason: string, at: Temporal.Instant) {
  const server = 'server' in judgment ? judgment.server : null
  if (judgment.verdict === 'later') return {}
  return { ...(server && { server }), failure: { at, words: `${server ?? 'Dawnpost'}: ${reason}` } }
}

/** A fault of the program, or of what it needs: with its stack, but not for every mail. */
export function tellFault(thrown: unknown, { log, mayTell }: Deps) {
  const keptBack = mayTell(messageOf(thrown))
  if (keptBack === null) return
  const more = keptBack > 0 ? { alsoSince: keptBack } : {}
  log.error(
    { err: thrown, ...more },
    'mails could not be handed over; they are tried again like those put off',
  )
}
