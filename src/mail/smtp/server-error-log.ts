/** Logs what is wrong with a server, each problem once, however many mails it affects. */
import { redactedReply } from '../../domain/smtp-reply.ts'
import { MINUTE } from '../../domain/time.ts'
import type { SmtpError, Verdict } from '../../domain/verdict.ts'
import { openIntervalLimiter } from '../../platform/interval-limiter.ts'
import type { Logger } from '../../platform/log.ts'

/** Milliseconds for which the same words are not logged again. */
const REPEAT_INTERVAL_MS = 10 * MINUTE

export type ServerErrorLog = (error: SmtpError, verdict: Verdict) => void

/** Opens the log of one server, under its name. Replies are logged without addresses. */
export function openServerErrorLog(server: string, log: Logger): ServerErrorLog {
  const mayTell = openIntervalLimiter(REPEAT_INTERVAL_MS)
  return (error, verdict) => {
    const reply = redactedReply(error.response ?? error.message)
    // Session ids and times differ in each reply; dropping words with digits ignores them.
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
  'an SMTP server cannot be used as configured; nothing is sent by it until that is fixed'
const FAILS = 'an SMTP server failed'
