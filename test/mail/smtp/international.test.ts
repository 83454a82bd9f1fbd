/**
 * Non-ASCII and quoted addresses, down to the bytes sent over SMTP (RFC 6531, RFC 5321).
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAddress } from '../../../src/domain/address.ts'
import { rawOf } from '../../../src/mail/mail.ts'
import { compose } from '../../../src/mail/message/compose.ts'
import { openPool } from '../../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../../src/platform/smtp-server.ts'
import { enrolled, testApp } from '../../support/app.ts'
import { dueLesson, ledger } from '../../support/ledger.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { faultsOf } from '../../support/page.ts'
import { openRelay, type Rules } from '../../support/relay.ts'
import { until } from '../../support/wait.ts'
import { FORM, landed, leadsTo, testWeb } from '../../support/web.ts'
import { fieldsOf, lessonWith, reader, SENDER, STAMP } from '../make.ts'

const UTF8 = ['8BITMIME', 'SMTPUTF8']
const edition = await lessonWith()
const mailTo = (text: string, firstName = 'Ada') => {
  const address = readAddress(text)
  if (!address) throw new Error(`${text} is no address`)
  return compose(edition, reader({ address: address.spec, firstName }), STAMP, SENDER)
}
/** The bytes of a header are UTF-8 (RFC 6532). */
const toField = (raw: Buffer) =>
  /^To: (.*(?:\r\n[ \t].*)*)/m.exec(raw.toString('utf8'))?.[1]?.replace(/\r\n/g, '')

describe('a server that speaks SMTPUTF8', () => {
  it.each([
    ['ü@exämple.de', 'ü@xn--exmple-cua.de'],
    ['用户@例え.jp', '用户@xn--r8jz45g.jp'],
    ["o'brien+tag@example.com", "o'brien+tag@example.com"],
  ])('gets a mail to %s with that one recipient', async (text, spec) => {
    await using mailbox = await openMailbox()
    const pool = openPool(readServer(mailbox.url))
    const mail = mailTo(text, '')
    await pool.send(mail.envelope, mail.message)
    const named = mailTo(text, 'Ada')
    await pool.send(named.envelope, named.message)
    await pool.close()
    // This server decodes punycode domains.
    expect(mailbox.received.map(({ to }) => to)).toEqual([[text], [text]])
    expect(mailbox.received.map(({ raw }) => toField(raw))).toEqual([spec, `Ada <${spec}>`])
  })

  it('is told SMTPUTF8 at MAIL FROM only for an address that needs it', async () => {
    const told: string[] = []
    const answer: Rules['answer'] = (step, _, words) => {
      if (step === 'MAIL') told.push(words)
      return undefined
    }
    await using relay = await openRelay({ offers: UTF8, answer })
    const pool = openPool(readServer(relay.url))
    for (const to of ['用户@例え.jp', 'ada@bücher.example', '"john doe"@example.com']) {
      const { envelope, message } = mailTo(to)
      await pool.send(envelope, message)
    }
    await pool.close()
    expect(told).toEqual([
      'MAIL FROM:<morning@courses.example> SMTPUTF8 BODY=8BITMIME',
      'MAIL FROM:<morning@courses.example>',
      'MAIL FROM:<morning@courses.example>',
    ])
    expect(relay.taken).toEqual([
      '用户@xn--r8jz45g.jp',
      'ada@xn--bcher-kva.example',
      '"john doe"@example.com',
    ])
  })

  it('gets one recipient and no extra header, whatever an address contains', async () => {
    await using relay = await openRelay({ offers: UTF8 })
    const pool = openPool(readServer(relay.url))
    const odd = fc.constantFrom(
      ...',;:()[]"\\<>@.  \r\n\t\u0085\u2028＠，\u0338%!=?üa用🌅'.split(''),
    )
    const typed = fc
      .tuple(fc.array(odd, { minLength: 1, maxLength: 12 }), fc.boolean())
      .map(([all, inQuotes]) => `${inQuotes ? `"${all.join('')}"` : all.join('')}@example.com`)
      .filter((text) => readAddress(text) !== null)
    const plain = fieldsOf(rawOf(mailTo('ada@example.com'))).map(([name]) => name)
    await fc.assert(
      fc.asyncProperty(typed, async (text) => {
        const mail = mailTo(text)
        await pool.send(mail.envelope, mail.message)
        expect(relay.taken.at(-1)).toBe(mail.envelope.to)
        const raw = rawOf(mail)
        expect(fieldsOf(raw).map(([name]) => name)).toEqual(plain)
        expect(toField(raw)).toBe(`Ada <${mail.envelope.to}>`)
      }),
      { numRuns: 300 },
    )
    await pool.close()
    expect(relay.asked.MAIL).toBe(relay.taken.length)
  })
})

const WORDS =
  'the server 127.0.0.1 does not take addresses outside ASCII: it does not offer SMTPUTF8'

describe('a server that does not speak SMTPUTF8', () => {
  it('is not given such a mail, and gets the others over the same connection', async () => {
    await using relay = await openRelay()
    const pool = openPool(readServer(`${relay.url}?connections=1`))
    const international = mailTo('用户@例え.jp')
    await expect(pool.send(international.envelope, international.message)).rejects.toMatchObject({
      message: WORDS,
      handedOver: false,
    })
    const mail = mailTo('ada@bücher.example')
    await pool.send(mail.envelope, mail.message)
    await pool.close()
    expect(relay.asked).toMatchObject({ connect: 1, MAIL: 1 })
    expect(relay.taken).toEqual(['ada@xn--bcher-kva.example'])
  })

  const EMAIL = '用户@例え.jp'
  const due = async (test: Awaited<ReturnType<typeof testApp>>) => {
    await enrolled(test, { email: EMAIL, series: ['inner-wisdom'] })
    await test.db.deleteFrom('ledger').execute()
    test.clock.set('2027-03-20T06:00:00Z')
    await test.app.sender.plan()
    return (await ledger(test)).map(({ id }) => id)
  }

  it('has the mail given up without a suppression when it is the only server', async () => {
    await using relay = await openRelay()
    await using test = await testApp({ env: { SMTP_URL: relay.url } })
    await test.app.sender.deliver(await due(test))
    expect(await ledger(test)).toMatchObject([{ status: 'refused', reason: WORDS, attempts: 1 }])
    expect(await test.db.selectFrom('suppressions').selectAll().execute()).toEqual([])
    // Nor does it count against the server.
    expect(await test.app.operator.servers.list()).toMatchObject({ halted: {}, down: [] })
    expect((await test.app.operator.status()).servers).toMatchObject({ halted: {} })
  })

  it('leaves the mail to a server that does, even one of lower priority', async () => {
    await using ascii = await openRelay()
    await using utf8 = await openRelay({ offers: UTF8 })
    const env = { SMTP_URL: ascii.url, SMTP_URL_2: `${utf8.url}?priority=2` }
    await using test = await testApp({ env })
    await test.app.sender.deliver(await due(test))
    expect(await ledger(test)).toMatchObject([{ status: 'sent' }])
    expect([ascii.taken, utf8.taken]).toEqual([[], ['用户@xn--r8jz45g.jp']])
  })

  it('does not get the mail while the server that does is down', async () => {
    await using ascii = await openRelay()
    await using utf8 = await openRelay({ offers: UTF8 })
    await utf8.stop()
    const env = { SMTP_URL: ascii.url, SMTP_URL_2: utf8.url }
    await using test = await testApp({ env })
    const ids = await due(test)
    await test.app.sender.deliver(ids)
    expect(await ledger(test)).toMatchObject([{ status: 'planned', attempts: 0 }])
    await utf8.start()
    await until('the other server to be tried again', async () => {
      test.clock.set(test.clock.now().add({ minutes: 2 }))
      await test.app.sender.deliver(ids)
      return utf8.taken.length > 0
    })
    expect(utf8.taken).toEqual(['用户@xn--r8jz45g.jp'])
    expect(ascii.taken).toEqual([])
  })
})

it('a 553 5.6.7 reply to RCPT refuses the mail and suppresses nobody (standards.md C11)', async () => {
  const answer: Rules['answer'] = (step) =>
    step === 'RCPT' ? '553 5.6.7 internationalized addresses are not taken' : undefined
  await using relay = await openRelay({ offers: UTF8, answer })
  await using test = await testApp({ env: { SMTP_URL: relay.url } })
  const { id } = await dueLesson(test)
  await test.app.sender.deliver([id])
  expect(await ledger(test)).toMatchObject([{ status: 'refused' }])
  expect(await test.db.selectFrom('suppressions').selectAll().execute()).toEqual([])
})

it('an address that no server accepts is refused at the form once that is known', async () => {
  await using relay = await openRelay()
  await using web = await testWeb({ env: { SMTP_URL: relay.url } })
  const asked = () => web.enroll({ ...FORM, email: '用户@例え.jp' })
  expect(leadsTo(await asked())).toBe('/enrolled')
  // Trying to send the confirmation mail has revealed it.
  await web.settle()
  expect(faultsOf(await landed(web, await asked()))).toEqual({
    email:
      'Our mail server takes only unaccented Latin letters, digits and signs before the @. Enter another address.',
  })
})
