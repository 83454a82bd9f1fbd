/** Mails made to do harm: nothing in them may take long, throw, or suppress anybody. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BOUNCE_CLASSES, REPORT_KINDS, REPORT_REASONS } from '../../../src/domain/report.ts'
import { readReports } from '../../../src/mail/inbound/read-reports.ts'
import { forms } from './mails-forms.ts'
import { hosts } from './mails-hosts.ts'
import { microsoft } from './mails-microsoft.ts'
import { older } from './mails-older.ts'
import { people, programs } from './mails-people.ts'
import { replies } from './mails-replies.ts'
import { tongues } from './mails-tongues.ts'
import { unix } from './mails-unix.ts'
import { header, mail, OURS, part, postfix, textMail } from './shapes.ts'

const MAILS = [
  ...replies,
  ...unix,
  ...microsoft,
  ...older,
  ...hosts,
  ...forms,
  ...tongues,
  ...people,
  ...programs,
]

/** Whatever comes, the result has the promised shape. */
async function read(raw: Uint8Array) {
  const reading = await readReports(raw)
  expect(reading.reports.length).toBeGreaterThan(0)
  expect(reading.reports.length).toBeLessThanOrEqual(200)
  for (const report of reading.reports) {
    expect(REPORT_KINDS).toContain(report.kind)
    expect(REPORT_REASONS).toContain(report.reason)
    expect(report.kind === 'bounce').toBe(report.class !== null)
    if (report.class) expect(BOUNCE_CLASSES).toContain(report.class)
    expect(report.diagnostic).not.toMatch(/\p{Cc}|.{501}/u)
    for (const name of Object.values(report.of)) expect((name ?? '').length).toBeLessThan(600)
  }
  return reading
}

const nested = (depth: number, inner: string) => {
  const open = Array.from(
    { length: depth },
    (_, at) => `Content-Type: multipart/mixed; boundary="n${at}x"\n\n--n${at}x\n`,
  )
  const close = Array.from({ length: depth }, (_, at) => `\n--n${depth - 1 - at}x--\n`)
  return `MIME-Version: 1.0\n${open.join('')}${inner}${close.join('')}`
}

describe('an oversized mail', () => {
  it('nested 50 parts deep is read, and one nested 5,000 deep is cut', async () => {
    const deep = mail({ subject: 'failure notice' }, nested(50, part('550 5.1.1 user unknown')))
    expect((await read(deep)).reports[0]).toMatchObject({ kind: expect.any(String) })
    expect((await read(mail({}, nested(5_000, 'x')))).isCut).toBe(true)
  })

  it('nested 50 messages deep is read', async () => {
    let inner = OURS
    for (let at = 0; at < 50; at++) inner = `Content-Type: message/rfc822\n\n${inner}`
    await read(mail({}, inner))
  })

  it('of 10 MB is cut and still read as a bounce', async () => {
    const bounce = postfix('550 5.1.1 user unknown').toString('latin1')
    const large = Buffer.from(bounce.replace('Good morning.', 'Good morning.\n'.repeat(750_000)))
    expect(large.length).toBeGreaterThan(10_000_000)
    const { isCut, reports } = await read(large)
    expect([isCut, reports[0]?.class]).toEqual([true, 'hard'])
  })

  it.each([
    [
      'parts',
      `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n${'--x\n\n'.repeat(200_000)}`,
    ],
    ['headers', `${'X-A: b\n'.repeat(140_000)}\n`],
    ['addresses', `Cc: ${'a@b.example, '.repeat(70_000)}\n\n`],
    ['one line', `X: ${'y'.repeat(1_000_000)}\n\n`],
    ['folds', `X: y\n${' z\n'.repeat(300_000)}\n`],
    ['encoded words', `X: ${'=?utf-8?Q?a?= '.repeat(60_000)}\n\n`],
    ['parameters', `Content-Type: text/plain; ${'a=b; '.repeat(50_000)}\n\n`],
    [
      'groups',
      `Content-Type: message/delivery-status\n\n${'Final-Recipient: rfc822; a@b.example\nAction: failed\n\n'.repeat(15_000)}`,
    ],
    [
      'failed recipients',
      `X-Failed-Recipients: ${'a@b.example,'.repeat(70_000)}\n\nundeliverable 550 5.1.1 x\n`,
    ],
    ['opening tags', `MIME-Version: 1.0\nContent-Type: text/html\n\n${'<style>'.repeat(100_000)}`],
    ['brackets', `MIME-Version: 1.0\nContent-Type: text/html\n\n${'<a '.repeat(200_000)}`],
    ['at signs', `MIME-Version: 1.0\n\n${'a@'.repeat(400_000)}`],
    ['words', `MIME-Version: 1.0\n\n550 ${'user '.repeat(200_000)}`],
    ['quotes', `MIME-Version: 1.0\n\n${'"'.repeat(500_000)}@`],
    ['dots', `MIME-Version: 1.0\n\n${'a.'.repeat(400_000)}`],
    ['spaces', `MIME-Version: 1.0\n\n${' '.repeat(900_000)}x`],
    [
      'marks',
      `MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\na${'\xcc\x81\xcc\x96'.repeat(200_000)}`,
    ],
  ])('made of %s is read', async (_, rest) => {
    await read(mail({ subject: 'undeliverable' }, rest))
  })
})

describe('a malformed mail', () => {
  it.each([
    ['a charset that does not exist', { charset: 'klingon', bytes: '550 5.1.1 \xff\xfe' }],
    [
      'another charset than it says',
      { charset: 'utf-8', bytes: '\xe4\xf6\xfc 550 5.1.1 user unknown' },
    ],
    ['a NUL', { charset: 'us-ascii', bytes: '550 5.1.1\0user\0unknown\n' }],
    ['half a character', { charset: 'iso-2022-jp', bytes: '\x1b$B0' }],
  ])('with %s is read', async (_, text) => {
    await read(textMail({ subject: header(text) }, text))
  })

  it.each([
    'multipart/report',
    'multipart/report; boundary=""',
    'multipart/report; boundary="x',
    'multipart/report; boundary=never',
    'message/delivery-status',
    'message/rfc822',
    'message/feedback-report',
    'text/plain; charset=""',
    ';;;',
    '',
  ])('with the type "%s" is read', async (type) => {
    await read(mail({}, `MIME-Version: 1.0\nContent-Type: ${type}\n\n${OURS}`))
  })

  it('with random damage is read without throwing', async () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(40) })
    await fc.assert(
      fc.asyncProperty(
        fc.nat(MAILS.length - 1),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        async (index, changes) => {
          let raw = Buffer.from(MAILS[index]?.mail ?? [])
          for (const { at, byte, cut } of changes) {
            const place = at % Math.max(1, raw.length)
            raw = Buffer.concat([
              raw.subarray(0, place),
              Buffer.of(byte),
              raw.subarray(place + cut),
            ])
          }
          await read(raw)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('of random bytes suppresses nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        const classes = (await read(bytes)).reports.map((report) => report.class)
        expect(classes.filter((found) => found === 'hard' || found === 'disabled')).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})
