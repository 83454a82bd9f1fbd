/** Providers' mails in plain words, and in rare or broken formats. */
import { type Expected, expected } from './expected.ts'
import {
  deliveryStatus,
  mail,
  multipart,
  OURS,
  original,
  part,
  postfix,
  RECIPIENT,
} from './shapes.ts'
import { report, server } from './shapes-more.ts'

const hard = 'bounce hard no_such_user'

export const forms: readonly Expected[] = [
  expected(
    'gmail of old',
    hard,
    server(
      'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
      'Delivery Status Notification (Failure)',
      `Delivery to the following recipient failed permanently:\n\n     ${RECIPIENT}\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the server for the recipient domain reader.example by mx.reader.example. [192.0.2.25].\n\nThe error that the other server returned was:\n550 5.1.1 <${RECIPIENT}>: Recipient address rejected: User unknown in local recipient table\n\n----- Original message -----\n\n${OURS}`,
    ),
  ),
  expected(
    'gmail of old: delay',
    'delay delayed',
    server(
      'Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
      'Delivery Status Notification (Delay)',
      `This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:\n\n     ${RECIPIENT}\n\nMessage will be retried for 2 more day(s)\n`,
    ),
  ),
  expected(
    'yahoo',
    hard,
    server(
      'MAILER-DAEMON@yahoo.example',
      'Failure Notice',
      `Sorry, we were unable to deliver your message to the following address.\n\n<${RECIPIENT}>:\n554: delivery error: dd This user doesn't have a reader.example account (${RECIPIENT}) [0] - mta1\n\n--- Below this line is a copy of the message.\n\n${OURS}`,
    ),
  ),
  expected(
    'html only',
    hard,
    mail(
      { subject: 'Undelivered Mail' },
      `MIME-Version: 1.0\n${part(`<html><head><style>p{}</style></head><body><p>Your message could not be delivered to<br>&lt;${RECIPIENT}&gt;:</p><p>550 5.1.1 User unknown</p></body></html>`, 'text/html', 'quoted')}`,
    ),
  ),
  expected(
    'mimecast in words',
    hard,
    server(
      'postmaster@reader.example',
      'Undeliverable: Day 7',
      `Your message could not be delivered to:\n${RECIPIENT}\n\nThe error was: 550 Invalid Recipient - https://community.mimecast.example/docs/DOC-1369#550\n`,
    ),
  ),
  expected(
    'wrapped by a gateway',
    hard,
    mail(
      { from: 'postmaster@reader.example', subject: 'Delivery Status Notification (Failure)' },
      multipart(
        'mixed',
        part('This is a confidential mail.'),
        `Content-Type: message/rfc822\n\n${postfix('550 5.1.1 no such user').toString('latin1')}`,
      )
        .replace(/4f1c/g, '77')
        .replaceAll(
          '=_77.next/part"\n\nThis is a MIME-encapsulated message.\n\n--=_77.next/part\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\nThis is the mail',
          '=_in"\n\n--=_in\nContent-Type: text/plain\n\nThis is the mail',
        ),
    ),
    [RECIPIENT],
  ),
  expected(
    'status in plain text',
    hard,
    server(
      'MAILER-DAEMON@mx.reader.example',
      'Delivery failure',
      `Your mail failed.\n\nReporting-MTA: dns; mx.reader.example\n\nFinal-Recipient: rfc822; ${RECIPIENT}\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n`,
    ),
  ),
  expected(
    'international address',
    hard,
    report(
      'MAILER-DAEMON@mx.reader.example',
      'Undelivered',
      part('x'),
      'Content-Type: message/global-delivery-status\n\nReporting-MTA: dns; mx.reader.example\n\nFinal-Recipient: utf-8; \\x{7528}@reader.example\nAction: failed\nStatus: 5.1.1\n',
      original('message/global'),
    ),
    ['用@reader.example'],
  ),
  expected(
    'folded and commented fields',
    hard,
    report(
      'MAILER-DAEMON@mx.reader.example',
      'Undelivered',
      part('x'),
      `Content-Type: message/delivery-status\n\nReporting-MTA:\n dns; mx.reader.example (a host)\nFinal-Recipient: RFC822;\n\t<${RECIPIENT}>\nAction: Failed (permanently)\nStatus: 5.1.1\n (bad destination mailbox address)\nDiagnostic-Code: smtp; 550-5.1.1\n user unknown\n`,
      original(),
    ),
  ),
  expected(
    'no action',
    hard,
    report(
      'MAILER-DAEMON@mx.reader.example',
      'Undelivered',
      part('x'),
      deliveryStatus({ action: '', status: '5.1.1' }),
      original(),
    ),
  ),
  expected(
    'expanded',
    'delivery other',
    report(
      'MAILER-DAEMON@mx.reader.example',
      'Delivery report',
      part('x'),
      deliveryStatus({ action: 'expanded', status: '2.1.5' }),
    ),
  ),
  expected(
    'a daemon that says nothing',
    'other other',
    server('MAILER-DAEMON@mx.reader.example', 'Hello', 'Good day.'),
    [null],
  ),
]
