/** The receiver's side of DKIM, which checks our own signatures at startup. */
import { expect, it } from 'vitest'
import type { MimeMessage, Signer } from '../../../src/mail/mail.ts'
import { openSigner } from '../../../src/mail/message/dkim.ts'
import { verifySigner } from '../../../src/mail/message/dkim-probe.ts'
import { faultOfSignature } from '../../../src/mail/message/dkim-verify.ts'
import { mailauthOn, rsaKey } from '../../support/dkim.ts'
import { SENDER } from '../make.ts'

const { privateKey, record } = rsaKey()
const sign = openSigner({ domain: 'courses.example', selector: 'dawn', privateKey })
const published = { name: 'dawn._domainkey.courses.example', record }

const FIELDS = [
  'From: Ada <morning@courses.example>',
  'Subject: A lesson,\r\n folded  and   spaced ',
  'Feedback-ID: a:b:c:d',
  'Received: from  here',
]
const MESSAGE: MimeMessage = [
  Buffer.from(`${FIELDS.join('\r\n')}\r\n\r\n`),
  Buffer.from('A line.\r\n\r\nAnother.\r\n'),
]
const signed = Buffer.concat(await sign(MESSAGE)).toString('latin1')
const faultIn = (text: string) => faultOfSignature(Buffer.from(text, 'latin1'), record)

it('accepts a signature, even after changes that relaxed canonicalization allows', async () => {
  expect(faultIn(signed)).toBeNull()
  const changed = signed
    .replace('Subject: A lesson,\r\n folded  and', 'subject :  A lesson, folded\r\n\tand')
    .replace('A line.\r\n', 'A line. \t\r\n')
    .replace(/$/, '\r\n\r\n')
  expect(changed).not.toBe(signed)
  expect(faultIn(changed)).toBeNull()
  expect(await mailauthOn(Buffer.from(changed, 'latin1'), published)).toEqual(['pass'])
})

it.each([
  ['a changed body', (text: string) => text.replace('Another.', 'Another!'), 'body'],
  ['a changed field', (text: string) => text.replace('A lesson', 'A Lesson'), 'header'],
  ['a field on top', (text: string) => text.replace('From:', 'Subject: Won\r\nFrom:'), 'subject'],
  ['a field put in', (text: string) => text.replace('From:', 'Reply-To: e@x\r\nFrom:'), 'reply-to'],
  [
    'another algorithm',
    (text: string) => text.replace('rsa-sha256', 'rsa-sha1'),
    'as it should be',
  ],
  ['a length', (text: string) => text.replace('c=relaxed', 'l=1; c=relaxed'), 'as it should be'],
  ['no signature', (text: string) => text.replace(/^DKIM-/, 'X-'), 'not signed'],
])('detects %s', (_, change, words) => {
  expect(faultIn(change(signed))).toContain(words)
})

it('detects a signature by another key', async () => {
  expect(faultOfSignature(Buffer.from(signed, 'latin1'), rsaKey().record)).toContain('header')
})

it('the probe accepts a working signer, and none that signs badly or not at all', async () => {
  await expect(verifySigner(sign, record, SENDER)).resolves.toBeUndefined()
  const unsigned: Signer = async (message) => message
  const failed = (signer: Signer, of = record) => verifySigner(signer, of, SENDER)
  await expect(failed(unsigned)).rejects.toThrow('not verified: it is not signed')
  await expect(failed(sign, rsaKey().record)).rejects.toThrow('not verified: its header')
  const forgetful: Signer = async ([header, ...body]) => {
    const fields = String(header).replace(/^Feedback-ID: .*\r\n/m, '')
    const [made] = await sign([Buffer.from(fields), ...body])
    const [signature = ''] = String(made).split(/\r\n(?![ \t])/)
    return [Buffer.concat([Buffer.from(`${signature}\r\n`), header]), ...body]
  }
  await expect(failed(forgetful)).rejects.toThrow('another feedback-id could be put in')
})
