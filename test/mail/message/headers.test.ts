/** Mails as they arrive: sent over SMTP and examined byte by byte. */
import { describe, expect, it } from 'vitest'
import { isTransactional } from '../../../src/domain/delivery.ts'
import { rawOf } from '../../../src/mail/mail.ts'
import { compose } from '../../../src/mail/message/compose.ts'
import { compile } from '../../../src/mail/render/compile.ts'
import { openPool } from '../../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../../src/platform/smtp-server.ts'
import { openMailbox, type Received } from '../../support/mailbox.ts'
import {
  CONTENTS,
  course,
  fieldsOf,
  HOSTILE_NAMES,
  lessonWith,
  letterhead,
  reader,
  SENDER,
  STAMP,
  templates,
} from '../make.ts'

type Mail = ReturnType<typeof compose>

/** Sends `mail` to a real SMTP server and returns what arrived there. */
async function delivered(mail: Mail): Promise<Received> {
  await using mailbox = await openMailbox()
  const pool = openPool(readServer(mailbox.url))
  await pool.send(mail.envelope, mail.message)
  await pool.close()
  const [received, ...more] = mailbox.received
  if (!received || more.length > 0) throw new Error(`${mailbox.received.length} mails arrived`)
  return received
}

const deliveredTo = async (
  changes: Parameters<typeof reader>[0],
  edition: Parameters<typeof compose>[0],
) => delivered(compose(edition, reader(changes), STAMP, SENDER))

const namesOf = (raw: Buffer) => fieldsOf(raw).map(([name]) => name.toLowerCase())

const EVERY_MAIL = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
  'x-auto-response-suppress',
]
const COURSE_MAIL = [
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'precedence',
  'feedback-id',
]

/**
 * Lines end only in CRLF, contain only ASCII, and are not longer than allowed (RFC 5322, RFC
 * 2045).
 */
function expectGoodBytes(raw: Buffer) {
  const lines = raw.toString('latin1').split('\r\n')
  const body = lines.indexOf('')
  const bad = lines.filter(
    (line, at) => /[^\x20-\x7e]/.test(line) || line.length > (at > body ? 76 : 998),
  )
  expect(bad.map((line) => line.slice(0, 100))).toEqual([])
}

describe.each(CONTENTS)('an answer to a $kind', async (content) => {
  const edition = await compile(content, templates, letterhead)
  const from = { ...SENDER, replyTo: 'teacher@courses.example' }

  it('goes to the operator’s reply address if it is course mail', async () => {
    const { raw } = await delivered(compose(edition, reader(), STAMP, from))
    const [replyTo] = fieldsOf(raw).filter(([name]) => name === 'Reply-To')
    expect(replyTo?.[1]).toBe(isTransactional(content.kind) ? undefined : 'teacher@courses.example')
  })
})

describe.each(CONTENTS)('a $kind, as it arrives,', async (content) => {
  const mail = compose(await compile(content, templates, letterhead), reader(), STAMP, SENDER)
  const received = await delivered(mail)
  const { raw } = received
  const fields = new Map(fieldsOf(raw).map(([name, value]) => [name.toLowerCase(), value]))

  it('is byte for byte what was composed', () => {
    expect(raw.toString('latin1').trimEnd()).toBe(rawOf(mail).toString('latin1').trimEnd())
  })

  it('has every field it needs once, and no others', () => {
    const wanted = isTransactional(content.kind) ? EVERY_MAIL : [...EVERY_MAIL, ...COURSE_MAIL]
    expect(namesOf(raw).sort()).toEqual(wanted.sort())
  })

  it('says who, to whom, when and what (standards.md F8)', () => {
    expect(fields.get('from')).toBe('Dawnpost <morning@courses.example>')
    expect(fields.get('to')).toBe('Ada <ada@example.com>')
    expect(fields.get('date')).toBe('Sat, 20 Mar 2027 06:00:00 +0000')
    expect(fields.get('message-id')).toBe('<0123456789abcdef@courses.example>')
    expect(fields.get('mime-version')).toBe('1.0')
    expect(received.mail.subject).toBe(mail.subject)
  })

  it('asks for no automatic reply (standards.md C12)', () => {
    expect(fields.get('auto-submitted')).toBe('auto-generated')
    expect(fields.get('x-auto-response-suppress')).toBe('OOF, AutoReply')
  })

  it('goes to one recipient from the sender’s address', () => {
    expect([received.from, received.to]).toEqual(['morning@courses.example', ['ada@example.com']])
  })

  it('has a text part, then an HTML part, and nothing else (standards.md F1)', () => {
    expect(fields.get('content-type')).toMatch(/^multipart\/alternative; boundary="[^"]+"$/)
    const parts = raw.toString('latin1').match(/^Content-Type: text\/\S+/gm)
    expect(parts).toEqual(['Content-Type: text/plain;', 'Content-Type: text/html;'])
    expect(received.mail.attachments).toEqual([])
    expect(received.mail.text?.trim()).not.toBe('')
    expect(received.mail.html?.trim()).not.toBe('')
  })

  it('has lines that SMTP can carry (standards.md F5)', () => {
    expectGoodBytes(raw)
  })
})

describe('the list headers of a lesson', async () => {
  const { raw } = await deliveredTo({}, await lessonWith())
  const fields = new Map(fieldsOf(raw).map(([name, value]) => [name.toLowerCase(), value]))

  it('offer one HTTPS URL for one-click unsubscribe (standards.md A1, A2)', () => {
    expect(fields.get('list-unsubscribe')).toBe(`<${reader().unsubscribeUrl}>`)
    expect(fields.get('list-unsubscribe')).toMatch(/^<https:\/\/[^\s<>,]+>$/)
    expect(fields.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
  })

  it('keep that URL short and without the reader’s address (standards.md A18, A19)', () => {
    expect(fields.get('list-unsubscribe')?.length).toBeLessThanOrEqual(200)
    expect(fields.get('list-unsubscribe')).not.toMatch(/ada|%40/i)
  })

  it('identify the course by a stable id under our domain (standards.md A15, A16)', () => {
    expect(fields.get('list-id')).toBe('Unlocking Your Inner Wisdom <inner-wisdom.courses.example>')
  })

  it('group complaints by text, series, kind and sender, not by reader (standards.md B8)', async () => {
    const id = fields.get('feedback-id')
    expect(id).toMatch(/^[0-9a-f]{12}:inner-wisdom:lesson:[0-9a-f]{12}$/)
    const toAnother = await deliveredTo(
      { address: 'eve@example.org', firstName: 'Eve' },
      await lessonWith(),
    )
    expect(new Map(fieldsOf(toAnother.raw)).get('Feedback-ID')).toBe(id)
    const other = await deliveredTo({}, await lessonWith({ subject: 'Another text' }))
    const [text, ...rest] = new Map(fieldsOf(other.raw)).get('Feedback-ID')?.split(':') ?? []
    expect(id?.split(':').slice(1)).toEqual(rest)
    expect(id).not.toContain(text)
  })

  it('mark the mail as bulk', () => {
    expect(fields.get('precedence')).toBe('bulk')
  })

  it('can carry a title in any script', async () => {
    const edition = await lessonWith({}, { ...course, title: 'Ключ, „к себе“ <x@y.example>' })
    const received = await deliveredTo({}, edition)
    expectGoodBytes(received.raw)
    const listId = fieldsOf(received.raw).filter(([name]) => name.toLowerCase() === 'list-id')
    expect(listId).toEqual([
      ['List-ID', expect.stringMatching(/^=\?[\w?=.*+/ -]+\?= <inner-wisdom\.courses\.example>$/)],
    ])
  })
})

describe('a name', async () => {
  const edition = await lessonWith({ subject: 'A word for {{firstName}}' })
  const plain = namesOf((await deliveredTo({}, edition)).raw)

  it.each(HOSTILE_NAMES)(
    'that is %s adds no header fields and no recipients',
    async (_, firstName) => {
      const received = await deliveredTo({ firstName }, edition)
      expect(namesOf(received.raw)).toEqual(plain)
      expect([received.from, received.to]).toEqual(['morning@courses.example', ['ada@example.com']])
      expect(received.mail.to?.map(({ address }) => address)).toEqual(['ada@example.com'])
      expect([received.mail.cc, received.mail.bcc]).toEqual([undefined, undefined])
    },
  )

  it.each(HOSTILE_NAMES)('that is %s leaves all lines valid for SMTP', (_, firstName) => {
    expectGoodBytes(rawOf(compose(edition, reader({ firstName }), STAMP, SENDER)))
  })

  it('is left out of the header when it is not known', async () => {
    const received = await deliveredTo({ firstName: '' }, edition)
    expect(new Map(fieldsOf(received.raw)).get('To')).toBe('ada@example.com')
  })

  it('of the sender may contain quotes, commas and accents', async () => {
    const from = { name: 'Ada "Dawn" Lovelace, née Ünal', address: 'morning@courses.example' }
    const received = await delivered(compose(edition, reader(), STAMP, from))
    expect(received.mail.from).toEqual({ name: from.name, address: from.address })
  })
})

describe('text that looks like an encoded word', async () => {
  const LITERALS = [
    '=?utf-8?Q?Win_at_evil=2Eexample?=',
    'Ada =?utf-8?B?V2lu?= Eve',
    '=?utf-8?Q?a b?=',
    '=?x',
    '"=?utf-8?q?w?="',
    '=?utf-8?Q?W=69n?=é',
    `=?utf-8?Q?${'a'.repeat(300)}?=`,
    '=?iso-8859-1*en?q?w?=',
  ]
  it.each(LITERALS)('is read as it was written, in every field: %s', async (text) => {
    const edition = await lessonWith({ subject: '{{firstName}}' }, { ...course, title: text })
    const from = { name: text, address: 'morning@courses.example' }
    const { raw, mail } = await delivered(
      compose(edition, reader({ firstName: text }), STAMP, from),
    )
    expectGoodBytes(raw)
    expect([mail.subject, mail.from?.name, mail.to?.[0]?.name]).toEqual([text, text, text])
    const { length } = fieldsOf(raw).filter(([name]) =>
      ['From', 'To', 'Subject', 'List-ID'].includes(name),
    )
    expect(length).toBe(4)
    for (const [name, value] of fieldsOf(raw)) {
      if (!['From', 'To', 'Subject', 'List-ID'].includes(name)) continue
      // Apart from our own encoded words, nothing is left that a client could decode.
      expect(value.replace(/=\?UTF-8\?Q\?[A-Za-z0-9!*+\-/=_]*\?=/g, ''), name).not.toContain('=?')
      expect(
        value.match(/=\?[^?]*\?/g)?.every((charset) => charset === '=?UTF-8?'),
        name,
      ).toBe(true)
    }
  })
})
