/** Mails from smaller servers and from large providers. */
import { type Expected, expected } from './expected.ts'
import { deliveryStatus, gmail, OURS, original, part, RECIPIENT } from './shapes.ts'
import { report, server } from './shapes-more.ts'

const hard = 'bounce hard no_such_user'
const full = 'bounce soft mailbox_full'

export const hosts: readonly Expected[] = [
  expected(
    'groupwise',
    hard,
    server(
      'Mailer-Daemon@reader.example',
      'Message status - undeliverable',
      `The message that you sent was undeliverable to the following:\n\t${RECIPIENT} (user not found)\n\nPossibly truncated original message follows:\n\n${OURS}`,
    ),
  ),
  expected(
    'mailenable',
    hard,
    server(
      '"Mail Delivery Service" <postmaster@reader.example>',
      'Message Delivery Failure',
      `Message could not be delivered to some recipients.\nThe following recipient(s) could not be reached:\n\n\tRecipient: [SMTP:${RECIPIENT}]\n\tReason: Remote SMTP Server Returned: 550 5.1.1 unknown user\n\n\nMessage headers follow:\n\n${OURS}`,
    ),
  ),
  expected(
    'mdaemon',
    hard,
    server(
      'MDaemon@reader.example',
      'MDaemon Warning - Message delivery failed',
      `The following message had delivery problems:\n\n<${RECIPIENT}>: no such user here. There is no user by that name at this server.\n\n: Message contains [1] file attachments\n`,
    ),
  ),
  expected(
    'imail',
    hard,
    server(
      'Postmaster@reader.example',
      'Undeliverable Mail',
      `Unknown user: ${RECIPIENT}\n\n\nOriginal message follows.\n\n${OURS}`,
    ),
  ),
  expected(
    'imail full',
    full,
    server(
      'Postmaster@reader.example',
      'Undeliverable Mail',
      `User mailbox exceeds allowed size: ${RECIPIENT}\n\n\nOriginal message follows.\n\n${OURS}`,
    ),
  ),
  expected(
    'communigate',
    hard,
    report(
      'MAILER-DAEMON@reader.example',
      'Undeliverable mail: Day 7',
      part(
        `Failed to deliver to '${RECIPIENT}'\nLOCAL module(account ada) reports:\n account does not exist\n`,
      ),
      deliveryStatus({ status: '5.0.0', more: 'Original-Recipient: rfc822;<ada@reader.example>' }),
      original('text/rfc822-headers'),
    ),
  ),
  expected(
    'zimbra',
    full,
    report(
      'MAILER-DAEMON@mx.reader.example (Mail Delivery System)',
      'Undelivered Mail Returned to Sender',
      part('This is the mail system.'),
      deliveryStatus({ status: '4.2.2', diagnostic: 'smtp; 452 4.2.2 Over quota' }),
      original(),
    ),
  ),
  expected(
    'amazon ses',
    hard,
    report(
      'MAILER-DAEMON@eu-west-1.amazonses.com',
      'Delivery Status Notification (Failure)',
      part(
        `An error occurred while trying to deliver the mail to the following recipients:\n${RECIPIENT}\n`,
      ),
      deliveryStatus({ status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 user unknown' }),
      original(),
    ),
  ),
  expected(
    'amazon ses suppressed',
    'bounce disabled suppressed',
    report(
      'MAILER-DAEMON@eu-west-1.amazonses.com',
      'Delivery Status Notification (Failure)',
      part('An error occurred.'),
      deliveryStatus({
        status: '5.1.1',
        diagnostic:
          'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address. It is on the suppression list.',
      }),
      original(),
    ),
  ),
  expected(
    'amazon workmail',
    hard,
    report(
      'postmaster@amazonses.com',
      'Delivery Status Notification (Failure)',
      part(`Technical report:\n${RECIPIENT}`),
      deliveryStatus({
        status: '5.1.1',
        diagnostic: 'smtp; 550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found',
      }),
      original(),
    ),
  ),
  expected(
    'gmail',
    hard,
    gmail(
      '550 5.1.1 The email account that you tried to reach does not exist.',
      'Address not found',
    ),
  ),
  expected(
    'gmail: full',
    full,
    gmail("452-4.2.2 The recipient's inbox is out of storage space.", 'Recipient inbox full'),
  ),
  expected(
    'gmail: domain',
    'bounce hard no_such_domain',
    gmail(
      "DNS Error: DNS type 'mx' lookup of reader.example responded with code NXDOMAIN Domain name not found: reader.example",
      'Address not found',
    ),
  ),
  expected(
    'gmail: dns',
    'bounce soft dns',
    gmail(
      "DNS Error: DNS type 'mx' lookup of reader.example responded with code SERVFAIL",
      'Message not delivered',
    ),
  ),
]
