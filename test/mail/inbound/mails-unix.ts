/** Mails from qmail, Postfix and Exim. */
import { type Expected, expected } from './expected.ts'
import { exim, postfix, qmail, RECIPIENT, textMail } from './shapes.ts'

const hard = 'bounce hard no_such_user'
const full = 'bounce soft mailbox_full'

export const unix: readonly Expected[] = [
  expected('qmail: nobody', hard, qmail('Sorry, no mailbox here by that name. (#5.1.1)')),
  expected(
    'qmail: remote',
    hard,
    qmail(
      '192.0.2.25 does not like recipient.\nRemote host said: 550 5.1.1 user unknown\nGiving up on 192.0.2.25.',
    ),
  ),
  expected(
    'qmail: no host',
    'bounce hard no_such_domain',
    qmail("Sorry, I couldn't find any host named reader.example. (#5.1.2)"),
  ),
  expected(
    'qmail: expired',
    'bounce soft dns',
    qmail(
      "CNAME lookup failed temporarily. (#4.4.3)\nI'm not going to try again; this message has been in the queue too long.",
    ),
  ),
  expected(
    'qmail: no connection',
    'bounce soft network',
    qmail(
      "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.",
    ),
  ),
  expected(
    'qmail: not here',
    'bounce block relaying_denied',
    qmail("sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
  ),
  expected(
    'qmail: full',
    full,
    qmail('The users mailfolder is over the allowed quota (size). (#5.2.2)'),
  ),
  expected(
    'qmail: said spam',
    'bounce block spam',
    qmail(
      '192.0.2.25 failed after I sent the message.\nRemote host said: 554 5.7.1 Message contains spam',
    ),
  ),
  expected('vpopmail', hard, qmail('vpopmail: no such user')),
  expected(
    'postfix: 550',
    hard,
    postfix(
      '550 5.1.1 <ada@reader.example>: Recipient address rejected: User unknown in virtual mailbox table',
    ),
  ),
  expected(
    'postfix: no host',
    'bounce soft dns',
    postfix(
      '550 5.4.4 Host or domain name not found. Name service error for name=reader.example type=AAAA: Host not found',
    ),
  ),
  expected(
    'postfix: delayed',
    'delay delayed',
    postfix('450 4.2.0 user unknown for now', { action: 'delayed' }),
  ),
  expected(
    'postfix: delivered',
    'delivery other',
    postfix('250 2.1.5 delivery via mx: 250 OK', { action: 'relayed', status: '2.0.0' }),
  ),
  expected('exim: unrouteable', hard, exim('Unrouteable address')),
  expected(
    'exim: remote',
    hard,
    exim(
      'host mx.reader.example [192.0.2.25]\nSMTP error from remote mail server after RCPT TO:<ada@reader.example>:\n550 5.1.1 No such user here',
    ),
  ),
  expected('exim: full', full, exim('mailbox is full: retry timeout exceeded')),
  expected(
    'exim: timeout',
    'bounce soft expired',
    exim('host mx.reader.example [192.0.2.25]:\nretry timeout exceeded'),
  ),
  expected(
    'exim: domain',
    'bounce hard no_such_domain',
    exim('Unrouteable mail domain "reader.example"'),
  ),
  expected(
    'exim: content',
    'bounce block spam',
    exim(
      'SMTP error from remote mail server after end of data:\n550 This message was classified as SPAM and may not be delivered',
    ),
  ),
  expected(
    'exim: forged copy',
    'bounce soft network',
    exim('host mx.reader.example [192.0.2.25]: Connection timed out'),
  ),
  expected(
    'exim: warning',
    'delay delayed',
    textMail(
      {
        subject: 'Warning: message 1abc delayed 24 hours',
        from: 'Mail Delivery System <Mailer-Daemon@mx.reader.example>',
      },
      `This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.reader.example.\n\nThe address to which the message has not yet been delivered is:\n\n  ${RECIPIENT}\n    host mx [192.0.2.25]: 550 user unknown?\n\nNo action is required on your part. Delivery attempts will continue for\nsome time, and eventually the mail delivery software will give up.\n`,
    ),
  ),
]
