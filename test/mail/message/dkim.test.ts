import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { MimeMessage } from '../../../src/mail/mail.ts'
import { compose } from '../../../src/mail/message/compose.ts'
import { openSigner } from '../../../src/mail/message/dkim.ts'
import { mailauthOn, rsaKey } from '../../support/dkim.ts'
import { compiled, course, lessonWith, reader, SENDER, STAMP } from '../make.ts'

const FIELDS = [
  'From: Ada <morning@courses.example>',
  'To: reader@example.com',
  'Subject: A lesson,\r\n folded  and   spaced',
  'List-Unsubscribe: <https://courses.example/u/1>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  'MIME-Version: 1.0',
]
const MESSAGE = [`${FIELDS.join('\r\n')}\r\n\r\n`, 'A line.\r', '\n\r\nAnother.\r\n'].map((text) =>
  Buffer.from(text),
) as unknown as MimeMessage

const { privateKey, record } = rsaKey()
const sign = openSigner({ domain: 'courses.example', selector: 'dawn', privateKey })

const published = { name: 'dawn._domainkey.courses.example', record }
const verdictOn = (raw: Buffer) => mailauthOn(raw, published)

it('a signature is verified by a third party and covers both list headers (standards.md A3)', async () => {
  const signed = Buffer.concat(await sign(MESSAGE))
  expect(await verdictOn(signed)).toEqual(['pass'])
  const [, named] = /h=([^;]+);/.exec(signed.toString()) ?? []
  expect(named?.split(/:\s*/)).toEqual(
    expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']),
  )
})

it('a signature is verified when a field occurs twice', async () => {
  const [header, ...body] = MESSAGE
  const twice: MimeMessage = [Buffer.from(`Subject: Another\r\n${header}`), ...body]
  expect(await verdictOn(Buffer.concat(await sign(twice)))).toEqual(['pass'])
})

describe('a mail as it is sent', async () => {
  const edition = await lessonWith()
  const from = { ...SENDER, replyTo: 'teacher@courses.example' }
  const signed = Buffer.concat(await sign(compose(edition, reader(), STAMP, from).message))
  const withoutReply = Buffer.concat(await sign(compose(edition, reader(), STAMP, SENDER).message))
  const confirmation = await compiled({ kind: 'confirm', series: course })
  const asked = Buffer.concat(await sign(compose(confirmation, reader(), STAMP, SENDER).message))

  it('is verified, and its signature has no line over 78 characters', async () => {
    expect(await Promise.all([signed, withoutReply, asked].map(verdictOn))).toEqual([
      ['pass'],
      ['pass'],
      ['pass'],
    ])
    const [field = ''] = signed.toString('latin1').split(/\r\n(?![ \t])/)
    expect(field).toMatch(/^DKIM-Signature: /)
    expect(Math.max(...field.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(78)
  })

  it.each([
    'From: Eve <eve@evil.example>',
    'To: eve@evil.example',
    'Cc: eve@evil.example',
    'Subject: You have won',
    'Reply-To: eve@evil.example',
    'Date: Sat, 20 Mar 2027 07:00:00 +0000',
    'Message-ID: <1@evil.example>',
    'In-Reply-To: <1@evil.example>',
    'References: <1@evil.example>',
    'List-Unsubscribe: <https://evil.example/>',
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    'List-ID: <evil.example>',
    'Feedback-ID: 1:2:3:evil',
    'MIME-Version: 1.0',
    'Content-Type: text/plain',
    'Content-Transfer-Encoding: base64',
  ])('is not verified once another field is added on top: %s', async (field) => {
    for (const sent of [signed, withoutReply, asked])
      expect(await verdictOn(Buffer.concat([Buffer.from(`${field}\r\n`), sent]))).toEqual(['fail'])
  })

  it('is verified with the trace field that a relay adds on top', async () => {
    const trace = 'Received: from a.example by b.example; Sat, 20 Mar 2027 06:00:01 +0000\r\n'
    expect(await verdictOn(Buffer.concat([Buffer.from(trace), signed]))).toEqual(['pass'])
  })
})

it('a key that would leave mail unsigned or weakly signed is rejected', () => {
  const { privateKey: ed25519 } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const withKey = (privateKey: string) => () =>
    openSigner({ domain: 'courses.example', selector: 'dawn', privateKey })
  expect(withKey(ed25519)).toThrow('not an RSA key')
  expect(withKey(rsaKey(1024).privateKey)).toThrow('1024 bits')
  expect(withKey('no key at all')).toThrow('not a private key in PEM form')
  expect(withKey('')).toThrow('the file is empty')
  const locked = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  expect(withKey(locked.privateKey)).toThrow('locked with a passphrase')
  expect(withKey(locked.publicKey)).toThrow('it is the public key')
})

it('a signature is verified when a field ends in a byte that Latin-1 takes for a space', async () => {
  const [header, ...body] = MESSAGE
  const accented: MimeMessage = [Buffer.from(`Cc: voilà\r\n${header}`), ...body]
  const signed = Buffer.concat(await sign(accented))
  expect(await verdictOn(signed)).toEqual(['pass'])
})
