/** Bounces without the structure of RFC 3464: by who writes, and by the words. */
import { classify } from '../../domain/bounce.ts'
import { keptReply } from '../../domain/reply.ts'
import type { Report, ReportKind } from '../../domain/report.ts'
import { codesIn } from './codes.ts'
import { addressIn, first } from './fields.ts'
import { namesOf, type Returned } from './original.ts'
import type { Mail } from './parts.ts'
import type { About } from './recipients.ts'
import {
  DAEMON,
  DAEMON_NAME,
  DELAYED,
  DELIVERED,
  FAILED,
  GIVEN_UP,
  SUBJECT,
} from './words-of-bounces.ts'

/** Whether it comes from a server, by its sender. */
export function isOfServer({ headers }: Mail): boolean {
  const from = first(headers, 'from')
  const address = addressIn(from) ?? from.trim()
  return DAEMON.test(address) || DAEMON_NAME.test(from.replace(/<.*/s, ''))
}

/** It has no envelope sender. */
export const isOfNobody = ({ headers }: Mail) =>
  (headers.get('return-path') ?? []).some((value) => /^\s*<\s*>|^\s*$/.test(value))

/** A sentence that a server said: `550 5.1.1 …`. */
const SMTP_SAID = /(?:^|[\s"':;<(])[45]\d\d[ -]#?(?:[45]\.\d{1,3}\.\d{1,3}|[A-Za-z<])/m

/** What kind of report a mail in words is; null when it is none. */
export function kindInWords(mail: Mail, said: string, returned: Returned): ReportKind | null {
  const isServer = isOfServer(mail)
  const hasSubject = SUBJECT.test(mail.subject)
  const hasWords = FAILED.test(said) || SMTP_SAID.test(said)
  const marks = [
    isServer || isOfNobody(mail) || mail.headers.has('x-failed-recipients'),
    hasSubject,
    hasWords,
    returned.headers.size > 2,
  ].filter(Boolean).length
  const isPersons = /^\s*(?:re|aw|sv|antw|odp|ynt|回复|答复|답장)\s*[:：]/i.test(mail.subject)
  if (isPersons && !isServer) return null
  if (marks < (isServer ? 2 : 3)) return null
  const isDelayed = DELAYED.test(`${mail.subject}\n${said.slice(0, 5_000)}`)
  if (isDelayed && !GIVEN_UP.test(said)) return 'delay'
  if (
    DELIVERED.test(`${mail.subject}\n${said.slice(0, 5_000)}`) &&
    !/fail|undeliver|could not/i.test(said)
  )
    return 'delivery'
  return 'bounce'
}

export function reportsInWords(
  mail: Mail,
  kind: ReportKind,
  returned: Returned,
  about: readonly About[],
  said: string,
): Report[] {
  const of = namesOf(mail, returned)
  const from = addressIn(first(mail.headers, 'from'))
  return about.map(({ recipient, text }): Report => {
    const alone = heardIn(text)
    const whole =
      about.length === 1 && alone.judged.reason === 'other'
        ? heardIn(`${mail.subject}\n${said}`)
        : alone
    const { judged, codes } = whole
    return {
      kind,
      class: kind === 'bounce' ? judged.class : null,
      reason: kind === 'bounce' ? judged.reason : kind === 'delay' ? 'delayed' : 'other',
      of,
      recipient,
      status: codes.status,
      diagnostic: keptReply(tellingPart(whole === alone ? text : said)),
      reportedBy: from?.slice(from.lastIndexOf('@') + 1).toLowerCase() ?? null,
    }
  })
}

function heardIn(text: string) {
  const codes = codesIn(text)
  return { codes, judged: classify({ ...codes, text }) }
}

/** From the line on in which a server is heard. */
function tellingPart(text: string): string {
  const found = SMTP_SAID.exec(text) ?? /^.*[45]\.\d{1,3}\.\d{1,3}/m.exec(text)
  return (found ? text.slice(found.index) : text).trim()
}
