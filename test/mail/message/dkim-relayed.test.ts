/** Signed mails after a Postfix has relayed them, verified by two third-party programs. */
import { describe, expect, it } from 'vitest'
import { compose } from '../../../src/mail/message/compose.ts'
import { openSigner } from '../../../src/mail/message/dkim.ts'
import { faultOfSignature } from '../../../src/mail/message/dkim-verify.ts'
import { openPool } from '../../../src/mail/smtp/smtp-pool.ts'
import { readServer } from '../../../src/platform/smtp-server.ts'
import { dkimpyOn, hasDkimpy, mailauthOn, rsaKey } from '../../support/dkim.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { hasPostfix, startPostfix } from '../../support/postfix-relay.ts'
import { until } from '../../support/wait.ts'
import { CONTENTS, compiled, HOSTILE_NAMES, lessonWith, reader, SENDER, STAMP } from '../make.ts'

const { privateKey, record } = rsaKey()
const published = { name: 'dawn._domainkey.courses.example', record }
const sign = openSigner({ domain: 'courses.example', selector: 'dawn', privateKey })
const from = { ...SENDER, replyTo: 'teacher@courses.example' }

/** The trace fields that relays add on top are not signed. */
const withoutTrace = (raw: Buffer) => raw.subarray(raw.indexOf('DKIM-Signature:'))

describe.runIf(hasPostfix && hasDkimpy)('a signature after a relay', () => {
  it('verifies for every kind of mail, name and address, and fails once changed', async () => {
    await using mailbox = await openMailbox()
    await using postfix = await startPostfix(Number(new URL(mailbox.url).port))
    const pool = openPool(readServer(postfix.url))
    const lesson = await lessonWith({ subject: '{{firstName}}, a subject — ünïcödé' })
    const mails = [
      ...(await Promise.all(CONTENTS.map(compiled))).map((edition) =>
        compose(edition, reader(), STAMP, from),
      ),
      ...HOSTILE_NAMES.map(([, firstName]) => compose(lesson, reader({ firstName }), STAMP, from)),
      ...['用户@xn--r8jz45g.jp', 'à@example.com', '"lovelace,ada;x"@example.com'].map((address) =>
        compose(lesson, reader({ address, firstName: '' }), STAMP, from),
      ),
    ]
    for (const { envelope, message } of mails) await pool.send(envelope, await sign(message))
    await pool.close()
    await until('all mails to be relayed', () => mailbox.received.length === mails.length)
    expect(mailbox.received.map(({ to }) => to[0])).toEqual(
      expect.arrayContaining(['用户@例え.jp', 'à@example.com', '"lovelace,ada;x"@example.com']),
    )
    for (const { raw } of mailbox.received) {
      expect(raw.toString('latin1')).toMatch(/^Received: from /m)
      expect(await mailauthOn(raw, published)).toEqual(['pass'])
      expect(faultOfSignature(withoutTrace(raw), record)).toBeNull()
    }
    const raws = mailbox.received.map(({ raw }) => raw)
    expect(dkimpyOn(raws, published)).toEqual(mails.map(() => 'pass'))
    const [first] = mailbox.received
    if (!first) throw new Error('nothing arrived')
    const changed = Buffer.from(
      first.raw.toString('latin1').replace(/^Subject: /m, '$&x'),
      'latin1',
    )
    expect(await mailauthOn(changed, published)).toEqual(['fail'])
    expect(dkimpyOn([changed], published)).toEqual(['fail'])
    expect(faultOfSignature(withoutTrace(changed), record)).not.toBeNull()
  })
})
