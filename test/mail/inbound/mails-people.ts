/** What is no bounce: automatic replies, people's replies, complaints and the unreadable. */
import { type Expected, expected } from './expected.ts'
import {
  BOUNCE_TO,
  MESSAGE_ID,
  mail,
  multipart,
  OURS,
  part,
  postfix,
  RECIPIENT,
  textMail,
} from './shapes.ts'
import { arf } from './shapes-more.ts'

const ADA = `Ada <${RECIPIENT}>`
const answer = (subject: string, text: string, more = '', returnPath = `<${RECIPIENT}>`) =>
  textMail({ from: ADA, subject, more, returnPath }, text)
const AUTO = 'Auto-Submitted: auto-replied\n'
const away = 'auto_reply vacation'

const AWAY: Readonly<Record<string, readonly [subject: string, text: string]>> = {
  english: ['Automatic reply: Day 7', 'I am out of the office until Monday.'],
  'english, ooo': ['Out of Office: Day 7', 'Back on Monday.'],
  german: ['Automatische Antwort: Tag 7', 'Ich bin im Urlaub und ab Montag zurück.'],
  'german, away': ['Abwesenheitsnotiz: Tag 7', 'Ich bin bis Montag nicht im Büro.'],
  french: ['Réponse automatique : Jour 7', 'Je suis absent jusqu’à lundi.'],
  spanish: ['Respuesta automática: Día 7', 'Estoy fuera de la oficina.'],
  portuguese: ['Resposta automática: Dia 7', 'Estou de férias.'],
  italian: ['Risposta automatica: Giorno 7', 'Sono in ferie fino a lunedì.'],
  dutch: ['Automatisch antwoord: Dag 7', 'Ik ben afwezig.'],
  polish: ['Automatyczna odpowiedź: Dzień 7', 'Jestem na urlopie.'],
  swedish: ['Autosvar: Dag 7', 'Jag har semester.'],
  danish: ['Automatisk svar: Dag 7', 'Jeg er på ferie, fravær.'],
  czech: ['Automatická odpověď: Den 7', 'Mám dovolenou.'],
  turkish: ['Otomatik Yanıt: Gün 7', 'Ofis dışındayım, ofis dışı.'],
  russian: ['Автоответ: День 7', 'Я в отпуске.'],
  japanese: ['自動応答: 7日目', 'ただいま不在です。'],
  chinese: ['自动答复: 第7天', '我正在休假。'],
  korean: ['자동 회신: 7일차', '휴가 중입니다.'],
}

export const programs: readonly Expected[] = [
  ...Object.entries(AWAY).flatMap(([tongue, [subject, text]]) => [
    expected(`away, ${tongue}`, away, answer(subject, text, AUTO)),
    expected(`away, ${tongue}, without a mark`, away, answer(subject, text)),
  ]),
  expected('away, from nobody', away, answer('Away', 'I am on vacation.', AUTO, '<>')),
  expected(
    'away, from nobody, with our mail behind it',
    away,
    answer(
      'Away: Day 7',
      `I am on vacation. My old address does not exist any more.\n\n--- Original message ---\n${OURS}`,
      AUTO,
      '<>',
    ),
  ),
  expected(
    'away, from nobody, without a mark, with our mail behind it',
    away,
    answer(
      'Automatic reply: Delivery problems of the heart',
      `I am on vacation. Your mail could not be delivered to me.\n\n--- Original message ---\n${OURS}`,
      '',
      '<>',
    ),
  ),
  expected(
    'vacation(1)',
    away,
    answer(
      'away from my mail',
      'I will be out until Monday.',
      'Precedence: bulk\nAuto-Submitted: auto-replied (vacation)\n',
    ),
  ),
  expected(
    'received, thank you',
    'auto_reply auto_reply',
    answer('We have received your message', 'Thank you. A ticket was opened.', AUTO),
  ),
  expected(
    'X-Autoreply',
    'auto_reply auto_reply',
    answer('Re: Day 7', 'Thank you for your mail.', 'X-Autoreply: yes\n'),
  ),
  expected(
    'X-Auto-Response-Suppress',
    'auto_reply auto_reply',
    answer('Re: Day 7', 'Noted.', 'X-Auto-Response-Suppress: All\n'),
  ),
  expected(
    'Precedence: auto_reply',
    'auto_reply auto_reply',
    answer('Re: Day 7', 'Noted.', 'Precedence: auto_reply\n'),
  ),
  expected(
    'left the company',
    'auto_reply auto_reply',
    answer(
      'Automatic reply: Day 7',
      'I no longer work here. This mailbox does not exist any more: user unknown.',
      AUTO,
      '<>',
    ),
  ),
  expected(
    'who are you',
    'auto_reply auto_reply',
    answer(
      'Please confirm your message',
      'To have it delivered, please confirm that you are a human being by following this link. Boxtrapper.',
    ),
  ),
  expected(
    'was read',
    'auto_reply auto_reply',
    mail(
      { from: ADA, subject: 'Read: Day 7' },
      multipart(
        'report; report-type=disposition-notification',
        part('Your message was read.'),
        `Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;${RECIPIENT}\nOriginal-Message-ID: ${MESSAGE_ID}\nDisposition: manual-action/MDN-sent-manually; displayed\n`,
      ),
    ),
  ),
  expected(
    'was deleted unread',
    'auto_reply auto_reply',
    mail(
      { from: ADA, subject: 'Not read: Day 7' },
      multipart(
        'report; report-type=disposition-notification',
        part('Your message was deleted without being read.'),
        `Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;${RECIPIENT}\nDisposition: automatic-action/MDN-sent-automatically; deleted\n`,
      ),
    ),
  ),
]

const reply = 'reply reply'
const RE = `In-Reply-To: ${MESSAGE_ID}\nReferences: ${MESSAGE_ID}\n`
const QUOTED = `> This is the mail system at host relay.course.example.\n> <ada@reader.example>: host mx said:\n> 550 5.1.1 user unknown\n>\n> Final-Recipient: rfc822; ada@reader.example\n> Action: failed\n> Status: 5.1.1\n`
export const people: readonly Expected[] = [
  expected(
    'an answer',
    reply,
    answer('Re: Day 7', 'Thank you, this was good for me.\n\n> Good morning.', RE),
  ),
  expected(
    'an answer about a full mailbox',
    reply,
    answer(
      'Re: Day 7',
      'My mailbox is full and my address does not exist any more soon. 550 5.1.1 user unknown is what my friend gets.',
      RE,
    ),
  ),
  expected(
    'an answer with a bounce in it',
    reply,
    answer(
      'Re: Undelivered Mail Returned to Sender',
      `What is this that I got from you?\n\n${QUOTED}`,
      RE,
    ),
  ),
  expected(
    'a bounce passed on',
    reply,
    answer(
      'Fwd: Undelivered Mail Returned to Sender',
      `I got this.\n\n---------- Forwarded message ---------\nFrom: MAILER-DAEMON@mx.reader.example\nSubject: Undelivered Mail\n\n550 5.1.1 user unknown\n`,
    ),
  ),
  expected(
    'a bounce passed on as a file',
    reply,
    mail(
      { from: ADA, subject: 'what is this', returnPath: `<${RECIPIENT}>` },
      multipart(
        'mixed',
        part('I got this mail.'),
        `Content-Type: message/rfc822\n\n${postfix('550 5.1.1 user unknown').toString('latin1')}`.replaceAll(
          '=_4f1c',
          '=_inner',
        ),
      ),
    ),
  ),
  expected('a new mail', reply, answer('A question', 'When does the course begin?')),
  expected(
    'in German',
    reply,
    answer('AW: Tag 7', 'Vielen Dank! Ich konnte nicht eher schreiben.', RE),
  ),
  expected('in Japanese', reply, answer('Re: 7日目', 'ありがとうございました。', RE)),
  expected(
    'with HTML',
    reply,
    mail(
      { from: ADA, subject: 'Re: Day 7', more: RE, returnPath: `<${RECIPIENT}>` },
      `MIME-Version: 1.0\n${part('<p>Thank <b>you</b>!</p>', 'text/html')}`,
    ),
  ),
  expected(
    'about a failure of delivery',
    reply,
    answer(
      'Re: delivery failure',
      'Could you try once more? It could not be delivered, said my provider.',
      RE,
    ),
  ),
]

const complaint = 'complaint complaint'
export const complaints: readonly Expected[] = [
  expected(
    'abuse',
    complaint,
    arf(
      'abuse',
      `Original-Mail-From: <${BOUNCE_TO}>\nOriginal-Rcpt-To: <${RECIPIENT}>\nReported-Domain: course.example\n`,
    ),
  ),
  expected('fraud', complaint, arf('fraud', `Original-Rcpt-To: ${RECIPIENT}\n`)),
  expected('virus', complaint, arf('virus')),
  expected('other', complaint, arf('other')),
  expected('a type of its own', complaint, arf('x-annoying')),
  expected(
    'redacted',
    complaint,
    arf(
      'abuse',
      'Original-Rcpt-To: redacted@reader.example\n',
      undefined,
      OURS.replace(`To: ${RECIPIENT}`, 'To: undisclosed'),
    ),
    [null],
  ),
  expected('not spam', 'not_spam other', arf('not-spam')),
  expected('opt-out', 'unsubscribe other', arf('opt-out')),
  expected('a check of signatures', 'other other', arf('auth-failure', 'Auth-Failure: dkim\n')),
  expected(
    'yahoo',
    complaint,
    arf(
      'abuse',
      'Original-Mail-From: x@y.example\n',
      'Yahoo! Mail AntiSpam Feedback <feedback@arf.mail.yahoo.example>',
    ),
  ),
  expected(
    'microsoft',
    complaint,
    mail(
      { from: 'staff@hotmail.example', subject: 'complaint about message from 198.51.100.7' },
      multipart(
        'mixed',
        `Content-Type: message/rfc822\nContent-Disposition: inline\n\nX-HmXmrOriginalRecipient: ${RECIPIENT}\n${OURS}`,
      ),
    ),
  ),
]

export const unreadable: readonly Expected[] = [
  expected('nothing', 'other other', Buffer.alloc(0), [null]),
  expected(
    'noise',
    'other other',
    Buffer.from(Array.from({ length: 3_000 }, (_, at) => (at * 7_919) % 256)),
    [null],
  ),
  expected(
    'from nobody, about nothing',
    'other other',
    textMail({ from: 'Ada <ada@reader.example>', subject: 'hello' }, 'hello'),
    [null],
  ),
  expected(
    'an advertisement',
    'other other',
    textMail(
      {
        from: 'Shop <news@shop.example>',
        subject: 'Only today',
        returnPath: '<x@shop.example>',
        more: 'List-Unsubscribe: <https://shop.example/u>\nPrecedence: bulk\n',
      },
      'Buy!',
    ),
    [null],
  ),
]
