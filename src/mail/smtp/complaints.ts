/** Tells the log what speaks against a server, each thing once, however many mails it befalls. */
import { keptReply } from '../../domain/reply.ts'
import { MINUTE } from '../../domain/time.ts'
import type { SmtpError, Verdict } from '../../domain/verdict.ts'
import type { Logger } from '../../platform/log.ts'
import { openSeldom } from '../../platform/seldom.ts'

/** How long the same words are not repeated. */
const QUIET_MS = 10 * MINUTE

export type Complaints = (error: SmtpError, verdict: Verdict) => void

/** For one server, by its name in the log. Replies are told without addresses. */
export function openComplaints(server: string, log: Logger): Complaints {
  const mayTell = openSeldom(QUIET_MS)
  return (error, verdict) => {
    const reply = keptReply(error.response ?? error.message)
    // What differs in each reply, the id of a session or a time, has digits in it.
    const keptBack = mayTell(`${verdict} ${reply.replace(/\w*\d\w*/g, '')}`)
    if (keptBack === null) return
    const { code, command, responseCode: smtp } = error
    const more = keptBack > 0 ? { alsoSince: keptBack } : {}
    const [level, what] =
      verdict === 'halt' ? (['error', REFUSES] as const) : (['warn', FAILS] as const)
    log[level]({ server, verdict, reply, code, command, smtp, ...more }, what)
  }
}

const REFUSES =
  'an SMTP server cannot be used as it is set up; no mail leaves by it until that is mended'
const FAILS = 'an SMTP server failed'
