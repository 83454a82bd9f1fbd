/**
 * Each mail of the corpus, as it comes and as it may be damaged in transit (standards.md C3 to
 * C15).
 */
import { describe, expect, it } from 'vitest'
import { readReports } from '../../../src/mail/inbound/read-reports.ts'
import type { ReadResult } from '../../../src/mail/inbound/read-result.ts'
import type { Expected } from './expected.ts'
import { forms } from './mails-forms.ts'
import { hosts } from './mails-hosts.ts'
import { microsoft } from './mails-microsoft.ts'
import { older } from './mails-older.ts'
import { complaints, people, programs, unreadable } from './mails-people.ts'
import { replies } from './mails-replies.ts'
import { roles } from './mails-roles.ts'
import { tongues } from './mails-tongues.ts'
import { unix } from './mails-unix.ts'
import { MESSAGE_ID, OURS, part, postfix, RECIPIENT, TOKEN, textMail } from './shapes.ts'
import { arf } from './shapes-more.ts'

const ALL: readonly Expected[] = [
  ...replies,
  ...unix,
  ...microsoft,
  ...older,
  ...hosts,
  ...forms,
  ...tongues,
  ...programs,
  ...people,
  ...roles,
  ...complaints,
  ...unreadable,
]
const AGAINST = /\b(?:hard|disabled)\b/
const MILD = ALL.filter(({ what }) => !AGAINST.test(what))

const whatOf = ({ reports }: ReadResult) =>
  [
    ...new Set(reports.map((one) => [one.kind, one.class, one.reason].filter(Boolean).join(' '))),
  ].join(', ')
const withEnds = (mail: Buffer, end: string) =>
  Buffer.from(mail.toString('latin1').replaceAll('\n', end), 'latin1')

describe('the corpus', () => {
  it('has more than 300 mails, and hardly any name twice', () => {
    expect(ALL.length).toBeGreaterThan(300)
    expect(new Set(ALL.map(({ name }) => name)).size).toBeGreaterThan(ALL.length - 12)
  })

  it.each(ALL)('$name', async ({ mail, what, recipients }) => {
    const reading = await readReports(mail)
    expect(whatOf(reading)).toBe(what)
    expect(reading.isAutomatic).toBe(what !== 'reply reply')
    expect(reading.reports.map(({ recipient }) => recipient)).toEqual(recipients)
    for (const { diagnostic } of reading.reports)
      expect(diagnostic).not.toMatch(/\p{Cc}|ada@reader|.{501}/u)
  })

  it.each([
    ['CRLF', '\r\n', 1],
    // The replies all share one form, so a sample is enough.
    ['CR only', '\r', 4],
  ])('is read the same with line ends of %s', async (_, end, step) => {
    const some = ALL.filter(
      (one, at) => one.name !== 'noise' && (at >= replies.length || at % step === 0),
    )
    for (const { name, mail, what } of some)
      expect([name, whatOf(await readReports(withEnds(mail, end)))]).toEqual([name, what])
  })
})

describe('a truncated mail', () => {
  it('suppresses nobody whom the whole mail would not', async () => {
    // Cut at about four places in each mail, and at different ones in the next.
    for (const [at, { name, mail }] of MILD.entries())
      for (let place = (at % 5) + 1; place < 20; place += 5) {
        const { reports } = await readReports(mail.subarray(0, (mail.length * place) / 20))
        const against = reports.filter((one) => AGAINST.test(one.class ?? ''))
        expect([name, place, against]).toEqual([name, place, []])
      }
  })

  it('suppresses nobody, wherever an ambiguous refusal breaks off', async () => {
    const mail = postfix('550 5.1.1 ada@reader.example: user unknown or mailbox full')
    for (let end = 0; end < mail.length; end += 3) {
      const { reports } = await readReports(mail.subarray(0, end))
      expect(reports.filter((one) => AGAINST.test(one.class ?? ''))).toEqual([])
    }
  })
})

describe('the mail that a report is about', () => {
  const of = { returnPath: `b+${TOKEN}`, messageId: MESSAGE_ID }

  it('is known from the envelope sender that a bounce was returned to', async () => {
    const { reports, sentTo } = await readReports(postfix('550 5.1.1 user unknown'))
    expect(reports[0]?.of).toEqual({ ...of, providerId: '4Xy0aa1' })
    expect(sentTo).toEqual([`b+${TOKEN}`])
  })

  it('is known from the mail that a complaint encloses', async () => {
    const to = 'complaints@course.example'
    const raw = arf('abuse')
      .toString('latin1')
      .replaceAll(/(?<=^To: |for <)b\+[^>\n]+/gm, to)
    const { reports, sentTo } = await readReports(Buffer.from(raw, 'latin1'))
    expect(reports[0]?.of).toEqual({ ...of, providerId: null })
    expect(sentTo).toEqual([])
  })

  it.each(['B+', 'b-', 'b='])('is known from a token after %s, even in capitals', async (mark) => {
    const to = `${mark}${TOKEN.toUpperCase()}@BOUNCES.course.example`
    const { sentTo } = await readReports(textMail({ to }, 'x'))
    expect(sentTo).toEqual([`b+${TOKEN}`])
  })

  it('is known from headers quoted in a text, and from Amazon’s Message-ID', async () => {
    const amazon = '<0102018f-abcd-4e5f-8a9b-000000@eu-west-1.amazonses.com>'
    const ours = OURS.replace(MESSAGE_ID, amazon).replace(/^Return-Path.*\n/, '')
    const mail = textMail(
      { to: 'bounces@course.example' },
      `<${RECIPIENT}>:\n550 no such user\n\n--- Below this line is a copy of the message.\n\n${ours}`,
    )
    const { reports } = await readReports(mail)
    expect(reports[0]?.of).toEqual({
      returnPath: null,
      providerId: '0102018f-abcd-4e5f-8a9b-000000',
      messageId: amazon,
    })
  })
})

describe('the bounce of an address that mail was forwarded to', () => {
  const toAlias = (original: string, final: string, more = '') =>
    Buffer.from(
      postfix('550 5.1.1 user unknown')
        .toString('latin1')
        .replace(/^Original-Recipient: .*/m, `Original-Recipient: rfc822;${original}${more}`)
        .replace(/^Final-Recipient: .*/m, `Final-Recipient: rfc822; ${final}`),
      'latin1',
    )
  const soft = 'bounce soft no_such_user'
  const hard = 'bounce hard no_such_user'

  it.each([
    [RECIPIENT, 'target@gmail.example', '', soft],
    [RECIPIENT, RECIPIENT, '\nX-Actual-Recipient: rfc822; target@gmail.example', soft],
    // The same mailbox, written differently.
    ['Ada@Reader.example', RECIPIENT, '', hard],
    ['ada+2Bcourse@reader.example', RECIPIENT, '', hard],
    [RECIPIENT, '"ada"', '', hard],
  ])('to %s, finally to %s%s, reads as %s', async (original, final, more, what) => {
    const reading = await readReports(toAlias(original, final, more))
    expect(whatOf(reading)).toBe(what)
    expect(reading.reports[0]?.recipient?.toLowerCase()).toMatch(/^ada(\+course)?@reader\.example$/)
  })

  it('is soft even when that mailbox is disabled', async () => {
    const off = toAlias(RECIPIENT, 'target@gmail.example')
      .toString('latin1')
      .replaceAll('5.1.1 user unknown', '5.2.1 account is disabled')
      .replace('Status: 5.1.1', 'Status: 5.2.1')
    expect(whatOf(await readReports(Buffer.from(off, 'latin1')))).toBe('bounce soft disabled')
  })
})

describe('a person’s reply', () => {
  it('says who wrote it and about what', async () => {
    const answer = people[0]?.mail ?? Buffer.alloc(0)
    expect(await readReports(answer)).toMatchObject({
      from: RECIPIENT,
      subject: 'Re: Day 7',
      messageId: '<20261130060002.4Xy1@mx.reader.example>',
    })
  })
})

it('a mail with only an HTML part, in base64, is read', async () => {
  const html = part(
    `<p>&lt;${RECIPIENT}&gt;<br>550 5.1.1 user&nbsp;unknown</p>`,
    'text/html',
    'base64',
  )
  const mail = textMail({}, '')
    .toString('latin1')
    .replace(/Content-Type[\s\S]*/, html)
  expect(whatOf(await readReports(Buffer.from(mail, 'latin1')))).toBe('bounce hard no_such_user')
})
