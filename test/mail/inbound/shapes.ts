/**
 * The shapes in which servers return mail, built from their documentation and from what they are
 * known to send: the bytes of a mail, with made-up people at .example domains.
 */

export const TOKEN = 'k5fq3wz7abcdefghijklmnopqrstuvwxyz234567abcd'
export const BOUNCE_TO = `b+${TOKEN}@bounces.course.example`
export const RECIPIENT = 'ada@reader.example'
export const MESSAGE_ID = '<0198d1c2-day7@course.example>'

/** A text in a legacy charset: its bytes, as a Latin-1 string. */
export interface Encoded {
  readonly charset: string
  readonly bytes: string
}
export const encoded = (charset: string, base64: string): Encoded => ({
  charset,
  bytes: Buffer.from(base64, 'base64').toString('latin1'),
})

type Text = string | Encoded

const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text)
const utf8 = (text: string): Encoded => ({
  charset: isAscii(text) ? 'us-ascii' : 'utf-8',
  bytes: Buffer.from(text, 'utf8').toString('latin1'),
})
const asEncoded = (text: Text) => (typeof text === 'string' ? utf8(text) : text)
const base64 = (bytes: string) =>
  Buffer.from(bytes, 'latin1')
    .toString('base64')
    .replace(/(.{76})/g, '$1\n')

/** A header value, as a MIME encoded word when it needs to be. */
export function header(text: Text): string {
  const { charset, bytes } = asEncoded(text)
  return charset === 'us-ascii'
    ? bytes
    : `=?${charset}?B?${Buffer.from(bytes, 'latin1').toString('base64')}?=`
}

const quoted = (bytes: string) =>
  bytes
    .replace(
      /[=\x80-\xff]/g,
      (one) => `=${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .replace(/(.{70}(?:=..)?)(?=[^\n])/g, '$1=\n')

/** A MIME part of this text, type and transfer encoding. */
export function part(text: Text, type = 'text/plain', as: 'plain' | 'quoted' | 'base64' = 'plain') {
  const { charset, bytes } = asEncoded(text)
  const body = as === 'plain' ? bytes : as === 'quoted' ? quoted(bytes) : base64(bytes)
  const how = {
    plain: isAscii(bytes) ? '7bit' : '8bit',
    quoted: 'quoted-printable',
    base64: 'base64',
  }
  const typed = type.startsWith('text/') ? `${type}; charset=${charset}` : type
  return `Content-Type: ${typed}\nContent-Transfer-Encoding: ${how[as]}\n\n${body}\n`
}

export const multipart = (type: string, ...parts: readonly string[]) => {
  const boundary = '=_4f1c.next/part'
  return [
    `MIME-Version: 1.0\nContent-Type: multipart/${type};\n\tboundary="${boundary}"\n`,
    'This is a MIME-encapsulated message.\n',
    ...parts.map((one) => `--${boundary}\n${one}`),
    `--${boundary}--\n`,
  ].join('\n')
}

export interface Envelope {
  readonly from?: string
  readonly subject?: Text
  readonly to?: string
  readonly returnPath?: string
  readonly more?: string
}

/** A mail: its headers, then `rest`. */
export const mail = (
  {
    from = 'Mail Delivery System <MAILER-DAEMON@mx.reader.example>',
    subject = 'failure notice',
    to = BOUNCE_TO,
    returnPath = '<>',
    more = '',
  }: Envelope,
  rest: string,
) =>
  Buffer.from(
    `Return-Path: ${returnPath}\nReceived: from mx.reader.example (mx.reader.example [192.0.2.25])\n\tby relay.course.example (Postfix) with ESMTP id 4Xy1\n\tfor <${to}>; Mon, 30 Nov 2026 06:00:03 +0000 (UTC)\nDate: Mon, 30 Nov 2026 06:00:02 +0000\nFrom: ${from}\nTo: ${to}\nSubject: ${header(subject)}\nMessage-Id: <20261130060002.4Xy1@mx.reader.example>\n${more}${rest}`,
    'latin1',
  )

/** A mail of one plain-text part. */
export const textMail = (
  envelope: Envelope,
  text: Text,
  as: 'plain' | 'quoted' | 'base64' = 'plain',
) => mail(envelope, `MIME-Version: 1.0\n${part(text, 'text/plain', as)}`)

/** Our own mail, as it comes back. */
export const OURS = [
  `Return-Path: <${BOUNCE_TO}>`,
  'Received: from course.example (course.example [198.51.100.7])',
  '\tby relay.course.example (Postfix) with ESMTPS id 4Xy0',
  `\tfor <${RECIPIENT}>; Mon, 30 Nov 2026 06:00:00 +0000 (UTC)`,
  'From: The course <morning@course.example>',
  `To: ${RECIPIENT}`,
  'Subject: Day 7: what spam, a full mailbox and an unknown user have in common',
  `Message-ID: ${MESSAGE_ID}`,
  'Date: Mon, 30 Nov 2026 06:00:00 +0000',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Auto-Submitted: auto-generated',
  '',
  'Good morning. 550 5.1.1 user unknown is the subject of today.',
  '',
].join('\n')

export const original = (type = 'message/rfc822') => `Content-Type: ${type}\n\n${OURS}`

export interface Status {
  readonly status?: string
  readonly action?: string
  readonly diagnostic?: string
  readonly recipient?: string
  readonly more?: string
  readonly mta?: string
}

/** The message/delivery-status part (RFC 3464). */
export function deliveryStatus(...each: readonly Status[]) {
  const groups = each.map(
    ({ status, action = 'failed', diagnostic, recipient = RECIPIENT, more }) =>
      [
        `Final-Recipient: rfc822; ${recipient}`,
        action && `Action: ${action}`,
        status && `Status: ${status}`,
        more,
        diagnostic && `Diagnostic-Code: ${diagnostic}`,
      ]
        .filter(Boolean)
        .join('\n'),
  )
  return `Content-Type: message/delivery-status\n\nReporting-MTA: dns; ${each[0]?.mta ?? 'mx.reader.example'}\nArrival-Date: Mon, 30 Nov 2026 06:00:00 +0000\n\n${groups.join('\n\n')}\n`
}

/** What Postfix sends (bounce(8)). */
export function postfix(reply: string, { action = 'failed', ...status }: Status = {}) {
  const said = `host mx.reader.example[192.0.2.25] said: ${reply.replace(/\n/g, '\n    ')} (in reply to RCPT TO command)`
  const found =
    status.status ??
    /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(reply)?.[0] ??
    (reply.startsWith('4') ? '4.0.0' : '5.0.0')
  return mail(
    {
      subject: 'Undelivered Mail Returned to Sender',
      from: 'MAILER-DAEMON@relay.course.example (Mail Delivery System)',
      more: 'Auto-Submitted: auto-replied\n',
    },
    multipart(
      'report; report-type=delivery-status',
      part(
        `This is the mail system at host relay.course.example.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. It's attached below.\n\nFor further assistance, please send mail to postmaster.\n\nIf you do so, please include this problem report. You can\ndelete your own text from the attached returned message.\n\n                   The mail system\n\n<${status.recipient ?? RECIPIENT}>: ${said}\n`,
      ),
      deliveryStatus({
        mta:
          'relay.course.example\nX-Postfix-Queue-ID: 4Xy0aa1\nX-Postfix-Sender: rfc822; ' +
          BOUNCE_TO,
        action,
        status: found,
        more: `Original-Recipient: rfc822;${status.recipient ?? RECIPIENT}\nRemote-MTA: dns; mx.reader.example`,
        diagnostic: `smtp; ${reply.replace(/\n/g, '\n    ')}`,
        ...(status.recipient && { recipient: status.recipient }),
      }),
      original(),
    ),
  )
}

/** What Exim sends: words; since 4.9x a structured part follows them. */
export const exim = (error: string, { recipient = RECIPIENT } = {}) =>
  textMail(
    {
      subject: 'Mail delivery failed: returning message to sender',
      from: 'Mail Delivery System <Mailer-Daemon@mx.reader.example>',
      more: `X-Failed-Recipients: ${recipient}\nAuto-Submitted: auto-replied\n`,
    },
    `This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  ${recipient}\n    ${error.replace(/\n/g, '\n    ')}\n\n------ This is a copy of the message, including all the headers. ------\n\n${OURS}`,
  )

/** What qmail sends (QSBMF). */
export const qmail = (error: string, { recipient = RECIPIENT } = {}) =>
  textMail(
    { subject: 'failure notice', from: 'MAILER-DAEMON@mx.reader.example' },
    `Hi. This is the qmail-send program at mx.reader.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<${recipient}>:\n${error}\n\n--- Below this line is a copy of the message.\n\n${OURS}`,
  )

/** What Sendmail sends. */
export const sendmail = (reply: string, status: string, recipient = RECIPIENT) =>
  mail(
    {
      subject: 'Returned mail: see transcript for details',
      from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx.reader.example>',
      more: 'Auto-Submitted: auto-generated (failure)\n',
    },
    multipart(
      'report; report-type=delivery-status',
      part(
        `The original message was received at Mon, 30 Nov 2026 06:00:00 GMT\nfrom relay.course.example [198.51.100.7]\n\n   ----- The following addresses had permanent fatal errors -----\n<${recipient}>\n    (reason: ${reply})\n\n   ----- Transcript of session follows -----\n... while talking to mx.reader.example.:\n>>> DATA\n<<< ${reply}\n${reply.slice(0, 3)} ${status} <${recipient}>... ${reply.replace(/^[\d .]+/, '')}\n`,
      ),
      deliveryStatus({
        status,
        diagnostic: `SMTP; ${reply}`,
        more: 'Remote-MTA: DNS; mx.reader.example',
        recipient,
      }),
      original('text/rfc822-headers'),
    ),
  )

/** What Exchange 2007 and later, and Office 365, send. */
export const exchange = (reply: string, text: string, subject: Text = 'Undeliverable: Day 7') => {
  const status = /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(reply)?.[0] ?? '5.0.0'
  return mail(
    {
      subject,
      from: 'Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@reader.example>',
      more: `X-MS-Exchange-Message-Is-Ndr:\nX-MS-Exchange-Organization-SCL: -1\nAuto-Submitted: auto-replied\nIn-Reply-To: ${MESSAGE_ID}\nReferences: ${MESSAGE_ID}\n`,
    },
    multipart(
      'report; report-type=delivery-status',
      part(
        `${text}\n\nDiagnostic information for administrators:\nGenerating server: AM0PR01.prod.reader.example\n${RECIPIENT}\n${reply}\n\nOriginal message headers:\nReceived: from relay.course.example (198.51.100.7) by AM0.prod.reader.example\n with Microsoft SMTP Server; Mon, 30 Nov 2026 06:00:00 +0000\nFrom: The course <morning@course.example>\nTo: ${RECIPIENT}\nSubject: Day 7\nMessage-ID: ${MESSAGE_ID}\n`,
        'text/plain',
        'quoted',
      ),
      deliveryStatus({
        mta: 'AM0PR01.prod.reader.example',
        status,
        diagnostic: `smtp;${reply}`,
        more: 'X-Display-Name: Ada',
      }),
      original(),
    ),
  )
}

/** What Gmail sends since 2016. */
export const gmail = (reply: string, headline: string) =>
  mail(
    {
      subject: 'Delivery Status Notification (Failure)',
      from: 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
      more: `Auto-Submitted: auto-replied\nX-Failed-Recipients: ${RECIPIENT}\nIn-Reply-To: ${MESSAGE_ID}\nReferences: ${MESSAGE_ID}\n`,
    },
    multipart(
      'report; report-type=delivery-status',
      multipart(
        'related',
        multipart(
          'alternative',
          part(
            `** ${headline} **\n\n${headline}\n\nLearn more here: https://support.google.com/mail/?p=NoSuchUser\n\nThe response was:\n\n${reply}\n`,
          ),
          part(
            `<html><body><h1>${headline}</h1><p>The response was:</p><p>${reply}</p></body></html>`,
            'text/html',
            'quoted',
          ),
        ).replaceAll('=_4f1c', '=_c'),
      ).replaceAll('=_4f1c', '=_b'),
      deliveryStatus({
        mta: `googlemail.com\nX-Original-Message-ID: ${MESSAGE_ID}`,
        status: /\b[45]\.\d{1,3}\.\d{1,3}\b/.exec(reply)?.[0] ?? '5.0.0',
        more: 'Remote-MTA: dns; mx.reader.example. (192.0.2.25, the server for the domain reader.example.)',
        diagnostic: `smtp; ${reply}`,
      }),
      original(),
    ),
  )
