/** Mails from Exchange, Office 365, IIS and Domino. */
import { type Expected, expected } from './expected.ts'
import { deliveryStatus, exchange, original, part, RECIPIENT } from './shapes.ts'
import { report, server } from './shapes-more.ts'

const hard = 'bounce hard no_such_user'
const full = 'bounce soft mailbox_full'

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
