/** What comes back after a day: bounces and complaints in their documented formats. */
import { createHash } from 'node:crypto'
import pg from 'pg'
import { openReturnPaths } from '../../src/security/return-paths.ts'
import { openSecrets } from '../../src/security/secrets.ts'
import { seed } from '../seed.ts'

export const SECRET = 'a key for the benchmark and for nothing else'
export const DOMAIN = 'bounces.example'
/** Shares of a day's mails that come back, as for a list in bad shape. */
const BOUNCES = 0.03
const COMPLAINTS = 0.0005
const PATHS = openReturnPaths(openSecrets([SECRET]))
const KIND = 'lesson'

/** Creates `mails` readers who have been sent the first lesson. */
export async function fillLedger(databaseUrl: string, mails: number, item: string): Promise<void> {
  const dueAt = Temporal.Now.instant().subtract({ hours: 2 }).round('minute')
  await seed(databaseUrl, { active: mails, due: 0, dueAt })
  const client = new pg.Client(databaseUrl)
  await client.connect()
  await client.query(
    `insert into ledger (id, enrollment_id, series, kind, item, day, local_date, due_at, until,
      status, attempts,
       try_at, first_tried_at, sent_at, message_id, created_at)
     select md5('d' || n)::uuid, e.id, 'inner-wisdom', $4, $2, 1, $3::date, $3, $3, 'sent', 1,
       $3, $3, $3, '<' || md5('m' || n) || '@dawnpost.example>', $3
     from (select id, row_number() over (order by id) as n from enrollments) e where n <= $1::int`,
    [mails, item, String(dueAt), KIND],
  )
  await client.query('vacuum (analyze) ledger')
  await client.end()
}

export interface Returned {
  readonly localPart: string
  readonly raw: Buffer
}

export interface Day {
  readonly bounces: number
  readonly complaints: number
  /** The returned mails, each made on demand. */
  mails(): Generator<Returned>
}

/**
 * A day of `mails` mails, in the order in which servers answer: that of the addresses' hashes.
 */
export function dayOf(mails: number, item: string): Day {
  const bounces = Math.round(mails * BOUNCES)
  const complaints = Math.round(mails * COMPLAINTS)
  return {
    bounces,
    complaints,
    mails: function* () {
      const total = bounces + complaints
      for (let place = 0; place < total; place++) {
        const n = 1 + Math.floor((place * mails) / total)
        const localPart = PATHS.ofEnrollment({ enrollmentId: uuidOf(`e${n}`), kind: KIND, item })
        const isComplaint =
          Math.floor(((place + 1) * complaints) / total) > Math.floor((place * complaints) / total)
        const mail = { n, localPart, messageId: `<${md5(`m${n}`)}@dawnpost.example>` }
        yield { localPart, raw: Buffer.from(isComplaint ? complaint(mail) : bounce(mail)) }
      }
    },
  }
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const uuidOf = (text: string) =>
  md5(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

interface SentMail {
  readonly n: number
  readonly localPart: string
  readonly messageId: string
}

/** The returned lesson: every second server includes its whole text, some 20 kB. */
const LESSON = `${'What has been said of this morning is said again, in other words. '.repeat(3)}\n`
const returned = ({ n, messageId }: SentMail) => `From: Dawnpost <morning@dawnpost.example>
To: reader${n}@example.com
Subject: Day 1
Message-ID: ${messageId}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
`

const bounce = (mail: SentMail) =>
  `Date: Fri, 19 Mar 2027 12:00:00 +0000
From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: ${mail.localPart}@${DOMAIN}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"
Message-ID: <bounce-${mail.n}@mx.example.com>

--part
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered to one or more recipients.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; reader${mail.n}@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--part
${mail.n % 2 === 0 ? `Content-Type: text/rfc822-headers\n\n${returned(mail)}` : `Content-Type: message/rfc822\n\n${returned(mail)}\n${LESSON.repeat(100)}`}
--part--
`.replaceAll('\n', '\r\n')

const complaint = (mail: SentMail) =>
  `Date: Fri, 19 Mar 2027 12:00:00 +0000
From: complaints@fbl.example.com
Subject: FW: Day 1
To: reports@${DOMAIN}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"
Message-ID: <complaint-${mail.n}@fbl.example.com>

--part
Content-Type: text/plain; charset=us-ascii

This is an email abuse report.

--part
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Somebody/1.0
Version: 1
Original-Mail-From: <${mail.localPart}@${DOMAIN}>
Original-Rcpt-To: <reader${mail.n}@example.com>

--part
Content-Type: message/rfc822

Return-Path: <${mail.localPart}@${DOMAIN}>
${returned(mail)}
${LESSON}
--part--
`.replaceAll('\n', '\r\n')
