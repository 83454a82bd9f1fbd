/** Returned mails about mails of the ledger, in the format of RFC 3464. */

import { sql } from 'kysely'
import { openReturnPaths } from '../../src/security/return-paths.ts'
import { openSecrets } from '../../src/security/secrets.ts'
import { messageIdOf } from '../../src/store/message-id.ts'
import type { TestApp } from './app.ts'

const PATHS = openReturnPaths(openSecrets(['a key for tests and for nothing else']))

export interface SentMail {
  readonly id: string
  readonly address: string
  readonly returnPath: string
  readonly messageId: string
}

/** Every mail that was sent, with the local part of its return path. */
export async function sentMails({ db }: Pick<TestApp, 'db'>): Promise<SentMail[]> {
  const { rows } = await sql<{
    id: string
    address: string
    enrollmentId: string
    kind: string
    item: string
    messageId: string
  }>`select d.id, s.address, d.enrollment_id as "enrollmentId", d.kind, d.item,
    ${messageIdOf} as "messageId"
    from deliveries d join enrollments e on e.id = d.enrollment_id
      join subscribers s on s.id = e.subscriber_id
    where d.status = 'sent' order by d.id`.execute(db)
  return rows.map(({ id, address, messageId, ...of }) => ({
    id,
    address,
    messageId,
    returnPath: PATHS.ofEnrollment(of),
  }))
}

/** The bounce that a server sends for a refused mail. */
export const bounceOf = (
  { address, returnPath, messageId }: SentMail,
  { domain = 'bounces.example', status = '5.1.1', says = '550 5.1.1 no such user' } = {},
) =>
  `Return-Path: <>
Date: Fri, 19 Mar 2027 12:00:00 +0000
From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: ${returnPath}@${domain}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"
Message-ID: <bounce.${messageId.slice(1)}

--part
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Fri, 19 Mar 2027 11:59:00 +0000

Final-Recipient: rfc822; ${address}
Action: failed
Status: ${status}
Diagnostic-Code: smtp; ${says}

--part
Content-Type: text/rfc822-headers

From: Dawnpost <morning@example.org>
To: ${address}
Subject: Day 1
Message-ID: ${messageId}

--part--
`.replaceAll('\n', '\r\n')

/** A reply of a person to a mail, as a mail client sends it. */
export const answerTo = (
  { returnPath, messageId, address }: SentMail,
  { domain = 'bounces.example', body = 'Thank you, that was a good morning.\n' } = {},
) =>
  `Return-Path: <${address}>
Date: Fri, 19 Mar 2027 12:05:00 +0000
From: =?utf-8?q?Ada_L=C3=B6velace?= <${address}>
Subject: Re: Day 1
To: ${returnPath}@${domain}
In-Reply-To: ${messageId}
References: ${messageId}
Message-ID: <answer-of-a-person@example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${body}`.replaceAll('\n', '\r\n')
