/** A person's reply as it is forwarded, read by third-party programs. */
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { authenticate } from 'mailauth'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { rawOf } from '../../../src/mail/mail.ts'
import { openSigner } from '../../../src/mail/message/dkim.ts'
import { composeForward, mayForward } from '../../../src/mail/message/forward.ts'
import { withProviderFields } from '../../../src/mail/message/provider-fields.ts'

const FROM = { name: 'The Site', address: 'morning@site.example' }
const TERMS = {
  to: 'teacher@site.example',
  stamp: {
    messageId: '<answer.00112233445566778899aabbccddeeff@site.example>',
    date: Temporal.Instant.from('2027-03-19T12:00:00Z'),
  },
  via: (person: string) => `${person} via The Site`,
  bounceDomain: 'bounces.example',
}
const forwardOf = (raw: string | Buffer) => composeForward(Buffer.from(raw), TERMS, FROM)
const read = (raw: string | Buffer) => PostalMime.parse(rawOf(forwardOf(raw)))
const crlf = (text: string) => text.replaceAll('\n', '\r\n')

const WITH_PICTURE = crlf(`Received: from [192.0.2.1] by mx.example.com
DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=x; b=x
Return-Path: <ada@example.com>
From: =?utf-8?q?Ada_L=C3=B6velace?= <ada@example.com>
To: b+x@bounces.example
Bcc: somebody@example.net
List-Unsubscribe: <https://elsewhere.example/>
Subject: =?iso-8859-1?q?Gr=FC=DFe?=
Date: Fri, 19 Mar 2027 12:05:00 +0100
In-Reply-To: <lesson@site.example>
Message-ID: <own@example.com>
Mime-Version: 1.0
Content-Type: multipart/mixed;
 boundary="a  b"

--a  b
Content-Type: text/plain; charset=iso-8859-1; format=flowed
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe  und \tDank, \n
--a  b
Content-Type: image/png
Content-Disposition: attachment; filename="a.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--a  b--


`)

describe('a forwarded reply', () => {
  it('comes from the site on behalf of the person, with Reply-To the person', async () => {
    const mail = await read(WITH_PICTURE)
    expect(mail).toMatchObject({
      from: { name: 'Ada Lövelace via The Site', address: 'morning@site.example' },
      replyTo: [{ name: 'Ada Lövelace', address: 'ada@example.com' }],
      to: [{ address: 'teacher@site.example' }],
      subject: 'Grüße',
      messageId: TERMS.stamp.messageId,
    })
    expect(mail.text).toBe('Grüße  und \tDank, ')
    expect(mail.attachments).toMatchObject([{ filename: 'a.png', mimeType: 'image/png' }])
    const named = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]))
    expect(named).toMatchObject({
      'x-original-date': 'Fri, 19 Mar 2027 12:05:00 +0100',
      'x-original-message-id': '<own@example.com>',
      'x-original-in-reply-to': '<lesson@site.example>',
    })
    const theirs = ['received', 'dkim-signature', 'return-path', 'bcc', 'list-unsubscribe']
    for (const name of [...theirs, 'auto-submitted']) expect(Object.keys(named)).not.toContain(name)
  })

  it.each([null, 'postmark', 'brevo'] as const)(
    'keeps its body byte for byte and has a valid signature, for %s',
    async (provider) => {
      const { message, isForeign } = forwardOf(WITH_PICTURE)
      const body = WITH_PICTURE.slice(WITH_PICTURE.indexOf('\r\n\r\n') + 4)
      expect(Buffer.concat(message.slice(1)).toString('latin1')).toBe(body)
      const { privateKey, publicKey } = generateKeyPairSync('rsa', {
        modulusLength: 2048,
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        publicKeyEncoding: { type: 'spki', format: 'der' },
      })
      const signer = openSigner({ domain: 'site.example', selector: 's', privateKey })
      const sign = withProviderFields(provider, signer) ?? signer
      const record = `v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`
      const { dkim } = await authenticate(Buffer.concat(await sign(message, isForeign)), {
        ip: '127.0.0.1',
        helo: 'here',
        sender: FROM.address,
        resolver: async () => [[record]],
      })
      expect(dkim.results.map(({ status }) => status.result)).toEqual(['pass'])
    },
  )

  it('keeps the Reply-To that the person asked for', async () => {
    const { replyTo } = await read(
      'From: ada@example.com\nReply-To: Home <home@example.net>\n\nHi\n',
    )
    expect(replyTo).toEqual([{ name: 'Home', address: 'home@example.net' }])
  })

  it('never has a Reply-To at the bounce domain, even if the person asks for it', async () => {
    const asked = 'Reply-To: b+x@BOUNCES.example'
    const { replyTo } = await read(`From: ada@example.com\n${asked}\n\nHi\n`)
    expect(replyTo).toEqual([{ name: '', address: 'ada@example.com' }])
    const own = await read(`From: postmaster@bounces.example\n${asked}\n\nHi\n`)
    expect(own.replyTo).toBeUndefined()
  })

  it('uses the address as a missing name, and leaves out an invalid address', async () => {
    const nameless = await read('From: ada@example.com\n\nHi\n')
    expect(nameless.from?.name).toBe('ada@example.com via The Site')
    const broken = await read('From: undisclosed\n\nHi\n')
    expect(broken.from).toEqual({ name: 'undisclosed via The Site', address: FROM.address })
    expect(broken.replyTo).toBeUndefined()
  })

  it('takes no header lines injected by a stranger', async () => {
    const subject = `=?utf-8?b?${Buffer.from('a\r\nBcc: eve@example.net\r\n\r\nb').toString('base64')}?=`
    const raw = `From: =?utf-8?q?Eve=0D=0ABcc:_x?= <eve@example.net>\nSubject: ${subject}\nContent-Type: text/plain;\r\tBcc: y\n\nHi\n`
    const mail = await read(raw)
    expect(mail.headers.map(({ key }) => key)).not.toContain('bcc')
    expect(mail.headers.filter(({ key }) => key === 'from')).toHaveLength(1)
    expect(mail.text?.trim()).toBe('Hi')
  })

  it('breaks lines that are too long for SMTP', async () => {
    const long = 'ü'.repeat(3_000)
    const mail = await read(
      `From: a@example.com\nContent-Type: text/plain; charset=utf-8\n\n${long}\n`,
    )
    expect(mail.text?.trim()).toBe(long)
    const parts = `From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n${'x'.repeat(3_000)}\n--b--\n`
    const lines = rawOf(forwardOf(parts)).toString().split('\r\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998)
  })

  it('is valid for SMTP, whatever the input', () => {
    const anything = fc.array(
      fc.oneof(
        fc.constantFrom(
          'From: ',
          'Subject: ',
          'Content-Type: multipart/mixed; boundary=',
          '=?utf-8?b?',
          '?=',
          '\r\n',
          '\n',
          '\r',
          '\0',
          ' ',
        ),
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(anything, (pieces) => {
        const [header, ...body] = forwardOf(Buffer.from(pieces.join(''), 'latin1')).message
        const text = header.toString('latin1')
        expect(text.endsWith('\r\n\r\n')).toBe(true)
        expect(text.indexOf('\r\n\r\n')).toBe(text.length - 4)
        expect(text.match(/^(From|To|Subject|Message-ID|MIME-Version):/gm)).toHaveLength(5)
        const all = Buffer.concat([header, ...body]).toString('latin1')
        expect(all.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/)
        expect(all.endsWith('\r\n')).toBe(true)
        expect(all.split('\r\n').every(({ length }) => length <= 998)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

it('a forwarded mail, an answer to one, or a mail from the target is not forwarded', () => {
  const may = (raw: string) => mayForward(Buffer.from(raw), TERMS.to)
  expect(may(WITH_PICTURE)).toBe(true)
  expect(mayForward(rawOf(forwardOf(WITH_PICTURE)), TERMS.to)).toBe(false)
  expect(
    may(`From: helpdesk@site.example\nIn-Reply-To: ${TERMS.stamp.messageId}\n\nTicket 1\n`),
  ).toBe(false)
  expect(may('From: Teacher <Teacher@SITE.example>\n\nI am away\n')).toBe(false)
  expect(may('Subject: from nobody\n\nHi\n')).toBe(true)
})
