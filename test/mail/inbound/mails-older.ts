/** Mails from Sendmail and its contemporaries, and mails about several recipients. */
import { type Expected, expected } from './expected.ts'
import { deliveryStatus, OURS, original, part, RECIPIENT, sendmail, textMail } from './shapes.ts'
import { report, server } from './shapes-more.ts'

const hard = 'bounce hard no_such_user'
const full = 'bounce soft mailbox_full'
const OTHER = 'bob@reader.example'

export const older: readonly Expected[] = [
  expected(
    'sendmail: unknown',
    hard,
    sendmail('550 5.1.1 <ada@reader.example>... User unknown', '5.1.1'),
  ),
  expected(
    'sendmail: host',
    'bounce hard no_such_domain',
    sendmail(
      '550 5.1.2 <ada@reader.example>... Host unknown (Name server: reader.example: host not found)',
      '5.1.2',
    ),
  ),
  expected(
    'sendmail: denied',
    'bounce block relaying_denied',
    sendmail('550 5.7.1 <ada@reader.example>... Relaying denied', '5.7.1'),
  ),
  expected('sendmail: full', full, sendmail('552 5.2.2 Over quota', '5.2.2')),
  expected(
    'sendmail: old, no structure',
    hard,
    textMail(
      {
        subject: 'Returned mail: User unknown',
        from: 'Mail Delivery Subsystem <MAILER-DAEMON@mx.reader.example>',
      },
      `   ----- The following addresses had permanent fatal errors -----\n<${RECIPIENT}>\n\n   ----- Transcript of session follows -----\n... while talking to mx.reader.example.:\n>>> RCPT To:<${RECIPIENT}>\n<<< 550 <${RECIPIENT}>... User unknown\n550 <${RECIPIENT}>... User unknown\n\n   ----- Original message follows -----\n\n${OURS}`,
    ),
  ),
  expected(
    'courier',
    hard,
    report(
      '"Courier mail server at mx.reader.example" <@>',
      'NOTICE: mail delivery status.',
      part(
        `This is a delivery status notification from mx.reader.example,\nrunning the Courier mail server, version 0.78.\n\nThe original message was received on Mon, 30 Nov 2026\n\nUNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<${RECIPIENT}>:\n    mx.reader.example [192.0.2.25]:\n<<< 550 User unknown.\n`,
      ),
      deliveryStatus({ status: '5.0.0', diagnostic: 'smtp; 550 User unknown.' }),
      original('text/rfc822-headers'),
    ),
  ),
  expected(
    'opensmtpd',
    hard,
    report(
      'Mailer Daemon <MAILER-DAEMON@mx.reader.example>',
      'Delivery status notification: error',
      part(
        `    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\n${RECIPIENT}: 550 5.1.1 Recipient unknown\n\n    Below is a copy of the original message:\n`,
      ),
      deliveryStatus({ status: '5.1.1' }),
      original(),
    ),
  ),
  expected(
    'james',
    hard,
    server(
      'postmaster@mx.reader.example',
      'Re:Day 7',
      `Hi. This is the James mail server at mx.reader.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.  Below\nI include the list of recipients and the reason why I was unable to deliver\nyour message.\n\nFailed recipient(s):\n${RECIPIENT}\n\nError message:\n550 5.1.1 No such user: ${RECIPIENT}\n`,
    ),
  ),
  expected(
    'two recipients, two fates',
    `${hard}, ${full}`,
    report(
      'MAILER-DAEMON@mx.reader.example',
      'Undelivered Mail Returned to Sender',
      part('Two failed.'),
      deliveryStatus(
        { status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 user unknown' },
        { recipient: OTHER, status: '4.2.2', diagnostic: 'smtp; 452 4.2.2 mailbox full' },
      ),
      original(),
    ),
    [RECIPIENT, OTHER],
  ),
  expected(
    'two in words, one without a reason',
    `${hard}, bounce soft other`,
    textMail(
      { subject: 'failure notice' },
      `Hi. This is the qmail-send program at mx.reader.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<${RECIPIENT}>:\n550 5.1.1 no such user\n\n<${OTHER}>:\n\n--- Below this line is a copy of the message.\n\n${OURS}`,
    ),
    [RECIPIENT, OTHER],
  ),
]
