/** Mails in the form of each kind of server, and in the languages and charsets of their time. */
import { type Expected, expected } from './expected.ts'
import {
  deliveryStatus,
  encoded,
  exchange,
  exim,
  gmail,
  header,
  mail,
  multipart,
  OURS,
  original,
  part,
  postfix,
  qmail,
  RECIPIENT,
  sendmail,
  textMail,
} from './shapes.ts'

const hard = 'bounce hard no_such_user'
const full = 'bounce soft mailbox_full'
const OTHER = 'bob@reader.example'
const report = (from: string, subject: string, ...parts: string[]) =>
  mail({ from, subject }, multipart('report; report-type=delivery-status', ...parts))
const server = (from: string, subject: string, text: string) => textMail({ from, subject }, text)

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

const NDR = 'Delivery has failed to these recipients or groups:'
export const microsoft: readonly Expected[] = [
  expected(
    'exchange 2003',
    hard,
    report(
      'postmaster@reader.example',
      'Delivery Status Notification (Failure)',
      part(
        `This is an automatically generated Delivery Status Notification.\n\nDelivery to the following recipients failed.\n\n       ${RECIPIENT}\n`,
      ),
      deliveryStatus({ status: '5.1.1' }),
      original(),
    ),
  ),
  expected(
    'exchange 2003 in words',
    hard,
    server(
      'System Administrator <postmaster@reader.example>',
      'Undeliverable: Day 7',
      `Your message\n\n  To:      ${RECIPIENT}\n  Subject: Day 7\n  Sent:    Mon, 30 Nov 2026 06:00:00 +0000\n\ndid not reach the following recipient(s):\n\n${RECIPIENT} on Mon, 30 Nov 2026 06:00:02 +0000\n    The e-mail account does not exist at the organization this message was\nsent to.  Check the e-mail address, or contact the recipient directly to\nfind out the correct address.\n            < mx.reader.example #5.1.1>\n`,
    ),
  ),
  expected(
    'exchange 2007',
    hard,
    exchange(
      '#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##',
      `${NDR}\n\n${RECIPIENT}\nThe e-mail address you entered couldn't be found. Please check the recipient's e-mail address and try to resend the message.`,
    ),
  ),
  expected(
    'exchange 2010 full',
    full,
    exchange(
      '#552 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded ##',
      `${NDR}\n\n${RECIPIENT}\nThe recipient's mailbox is full and can't accept messages now.`,
    ),
  ),
  expected(
    'office 365 5.1.10',
    hard,
    exchange(
      '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ada@reader.example not found by SMTP address lookup',
      `ada wasn't found at reader.example.`,
    ),
  ),
  expected(
    'office 365 5.4.1',
    'bounce disabled no_such_user',
    exchange(
      '550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [AM0EUR02FT011.eop]',
      "Your message couldn't be delivered.",
    ),
  ),
  expected(
    'office 365 5.7.1',
    'bounce block policy',
    exchange(
      '550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy',
      NDR,
    ),
  ),
  expected(
    'office 365 5.7.124',
    'bounce block policy',
    exchange('550 5.7.124 RESOLVER.RST.SenderNotInAllowedSendersList; not allowed', NDR),
  ),
  expected(
    'office 365 5.1.8',
    'bounce sender policy',
    exchange('550 5.1.8 Access denied, bad outbound sender AS(42004)', NDR),
  ),
  expected(
    'office 365 5.0.350',
    'bounce soft other',
    exchange('550 5.0.350 Remote server returned an error -> 550 mailbox unavailable', NDR),
  ),
  expected(
    'office 365 4.4.7',
    'bounce soft expired',
    exchange('550 4.4.7 QUEUE.Expired; message expired', 'Delivery is delayed no longer.'),
  ),
  expected(
    'office 365 size',
    'bounce message too_big',
    exchange('550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient', NDR),
  ),
  ...[
    'Unzustellbar: Tag 7',
    'Non remis : Jour 7',
    'No se puede entregar: Día 7',
    'Não é possível entregar: Dia 7',
    'Impossibile recapitare: Giorno 7',
    'Onbestelbaar: Dag 7',
    'Niedostarczalne: Dzień 7',
    'Olevererbart: Dag 7',
    'Недоставлено: День 7',
    '配信不能: 7日目',
    '无法投递: 第7天',
    '배달되지 않음: 7일차',
    'Teslim edilemedi: Gün 7',
    'Doručení se nezdařilo: Den 7',
    'Kézbesíthetetlen: 7. nap',
  ].map((subject) =>
    expected(
      `office 365: ${subject}`,
      hard,
      exchange('550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found', 'x', subject),
    ),
  ),
  expected(
    'iis',
    'bounce soft other',
    server(
      'postmaster@reader.example',
      'Delivery Status Notification (Failure)',
      `This is an automatically generated Delivery Status Notification.\n\nDelivery to the following recipients failed.\n\n       ${RECIPIENT}\n`,
    ),
  ),
  expected(
    'domino',
    hard,
    report(
      'Mail Router <Postmaster@reader.example>',
      'DELIVERY FAILURE: User ada (ada@reader.example) not listed in Domino Directory',
      part(
        `Your message\n\n  Subject: Day 7\n\nwas not delivered to:\n\n  ${RECIPIENT}\n\nbecause:\n\n  User ada (ada@reader.example) not listed in Domino Directory\n`,
      ),
      deliveryStatus({
        status: '5.1.1',
        diagnostic: 'X-Notes; User ada (ada@reader.example) not listed in Domino Directory',
      }),
      original(),
    ),
  ),
  expected(
    'domino in words',
    hard,
    server(
      'Mail Router <Postmaster@reader.example>',
      'DELIVERY FAILURE: User ada not listed in public Name & Address Book',
      `Your message\n\n  Subject: Day 7\n\nwas not delivered to:\n\n  ${RECIPIENT}\n\nbecause:\n\n  User ada (ada@reader.example) not listed in public Name & Address Book\n`,
    ),
  ),
  expected(
    'domino full',
    full,
    server(
      'Mail Router <Postmaster@reader.example>',
      'DELIVERY FAILURE: Error delivering to ada',
      `Your message\n\n  Subject: Day 7\n\nwas not delivered to:\n\n  ${RECIPIENT}\n\nbecause:\n\n  Error delivering to ada mail\\ada.nsf; Unable to write to database because database would exceed its disk quota.\n`,
    ),
  ),
]

export const others: readonly Expected[] = [
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

const tongue = (
  name: string,
  what: string,
  charset: string,
  text: string,
  subject: string | ReturnType<typeof encoded> = 'failure notice',
  from = 'MAILER-DAEMON@mx.reader.example',
  as: 'plain' | 'quoted' | 'base64' = 'plain',
) => expected(name, what, textMail({ from, subject }, encoded(charset, text), as))

export const tongues: readonly Expected[] = [
  tongue(
    'docomo',
    hard,
    'iso-2022-jp',
    'GyRCPCEkTiQiJEZAaCRYJE4lYSVDJTshPCU4JE8lKCVpITwkTiQ/JGFBdz8uJEckLSReJDskcyRHJDckPyEjGyhCChskQkF3Py5AaCVhITwlayUiJUklbCU5JCw4KyREJCskaSRKJCQkKyEiGyhCChskQkF3Py5AaCVhITwlayU1ITwlUCROO3ZNMyRLJGgkakF3Py4kRyQtJF4kOyRzJEckNyQ/ISMbKEIKGyRCJWEhPCVrJSIlSSVsJTkkciQ0M05HJyROPmUhIjpGQXc/LiQ3JEYkLyRAJDUkJCEjGyhCCgo8PBskQjwhJE4lIiVJJWwlOSRYJE4lYSVDJTshPCU4JE8lKCVpITwkTiQ/JGFBdz8uJEckLSReJDskcyRHJDckPyEjGyhCPj4KCiAgPGFkYUByZWFkZXIuZXhhbXBsZT46IBskQjA4QGgkTiVhITwlayUiJUklbCU5JCw4KyREJCskaiReJDskcxsoQgo=',
    encoded('iso-2022-jp', 'GyRCPDpHVERMQ04bKEI='),
  ),
  tongue(
    'softbank',
    full,
    'iso-2022-jp',
    'GyRCJWEhPCVrJHJBdz8uJEckLSReJDskcyRHJDckPyEjGyhCCgo8YWRhQHJlYWRlci5leGFtcGxlPgobJEI8dT8uPFQkTiVhITwlayVcJUMlLyU5JCwkJCRDJFEkJCROJD8kYSEiR1s/LiRHJC0kXiQ7JHMkRyQ3JD8hIxsoQgo=',
  ),
  tongue(
    'kddi',
    hard,
    'shift_jis',
    'iMiJuoLMg4GBW4OLgs2UepBNgsWCq4LcgrmC8YLFgrWCvYFCCgo8YWRhQHJlYWRlci5leGFtcGxlPgqKWZOWgreC6YNBg2iDjINYgs2Rto3dgrWC3IK5gvGBQgo=',
  ),
  tongue(
    'qq',
    hard,
    'gb2312',
    'safHuKOsxPq1xNPKvP6xu83Lu9jAtMHLoa2hrQoKytW8/sjL08q8/rXY1rejqGFkYUByZWFkZXIuZXhhbXBsZaOpsru05tTao6zTyrz+zt63qMvNtO+howoKPGFkYUByZWFkZXIuZXhhbXBsZT46IMrVvP7Iy9PKvP612Na3sru05tTaCg==',
    encoded('gb2312', 'z7XNs83L0MU='),
    'PostMaster@qq.example',
    'base64',
  ),
  tongue(
    'sina',
    full,
    'gb2312',
    'utyxp8e4o6zE+rXE08q8/s7et6jNtrXdoaMKPGFkYUByZWFkZXIuZXhhbXBsZT46IMrVvP7Iy9PKz+TS0cL6Cg==',
  ),
  tongue(
    'mail.ru',
    hard,
    'koi8-r',
    '/NTPINDJ09jNzyDTz9rEwc7PIMHX1M/NwdTJ3sXTy8kg08XS18XSz80sIM/U18XewdTYIM7BIM7Fx88gzsUgztXWzs8uCgrrINPP1sHMxc7JwCwg98HbxSDQydPYzc8gzsUgzc/WxdQgwtnU2CDEz9PUwdfMxc7PIM/Ezs/N1SDJzMkgzsXTy8/M2MvJzSDQz8zV3sHUxczRzToKCmFkYUByZWFkZXIuZXhhbXBsZQogICAg8M/M2NrP18HUxczYIM7FIM7BysTFzgo=',
    encoded('koi8-r', '7sXEz9PUwdfMxc7Oz8Ug08/Pwt3FzsnF'),
  ),
  tongue(
    'yandex',
    full,
    'windows-1251',
    'wuD45SDx7u7h+eXt6OUg7eUg7O7m5fIg4fvy/CDk7vHy4OLr5e3uOgoKPGFkYUByZWFkZXIuZXhhbXBsZT46IO/u9/Lu4vvpIP/56Oog7+Xw5e/u6+3l7Qo=',
    encoded('windows-1251', 'zvjo4ergIOTu8fLg4uro'),
  ),
  tongue(
    't-online',
    hard,
    'iso-8859-1',
    'SWhyZSBOYWNocmljaHQga29ubnRlIG5pY2h0IHp1Z2VzdGVsbHQgd2VyZGVuLgoKRGVyIGZvbGdlbmRlIEVtcGbkbmdlciBpc3QgYmV0cm9mZmVuOgphZGFAcmVhZGVyLmV4YW1wbGUKICAgIEVtcGbkbmdlciB1bmJla2FubnQgKEFkcmVzc2UgZXhpc3RpZXJ0IG5pY2h0KQo=',
    encoded('iso-8859-1', 'VW56dXN0ZWxsYmFyOiBUYWcgNyBm/HIgU2ll'),
    'Mail Delivery System <mailer-daemon@kundenserver.example>',
    'quoted',
  ),
  tongue(
    'naver',
    hard,
    'euc-kr',
    'uN7Az8DMIMD8vNu1x8H2ILj4x9+9wLTPtNkuCgq53rTCILvntvc6IGFkYUByZWFkZXIuZXhhbXBsZQq9x8bQIMDMwK86IMG4wOfHz8H2IL7KtMIgu+e/68DawNS0z7TZLgo=',
    encoded('euc-kr', 'uN7AzyDA/LzbIL3HxtAgvsizuw=='),
    'postmaster@naver.example',
  ),
  tongue(
    'hinet',
    hard,
    'big5',
    'sXqqurZspfO1TKprtse7vKFDCgo8YWRhQHJlYWRlci5leGFtcGxlPjogpqyl86RItmyl86Zhp32ko6ZzpmIK',
    encoded('big5', 'tmyl87Boq0izcaq+'),
  ),
  expected(
    'a charset that nobody knows',
    hard,
    textMail(
      { subject: 'failure notice' },
      { charset: 'x-unknown-9', bytes: `<${RECIPIENT}>:\n550 5.1.1 user unknown\n` },
    ),
  ),
  expected(
    'french',
    hard,
    server(
      'postmaster@reader.example',
      header('Échec de la remise'),
      `Votre message n'a pas pu être remis à :\n${RECIPIENT}\n\nUtilisateur inconnu\n`,
    ),
  ),
  expected(
    'spanish',
    full,
    server(
      'postmaster@reader.example',
      'No se ha podido entregar el mensaje',
      `No se pudo entregar su mensaje a:\n${RECIPIENT}\nEl buzón está lleno\n`,
    ),
  ),
  expected(
    'portuguese',
    hard,
    server(
      'postmaster@reader.example',
      'Falha na entrega',
      `Não foi possível entregar:\n${RECIPIENT}\nUsuário desconhecido\n`,
    ),
  ),
  expected(
    'italian',
    hard,
    server(
      'postmaster@reader.example',
      'Mancato recapito',
      `Impossibile recapitare il messaggio a:\n${RECIPIENT}\nUtente sconosciuto\n`,
    ),
  ),
]
