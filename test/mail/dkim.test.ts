import { generateKeyPairSync } from 'node:crypto'
import { authenticate } from 'mailauth'
import { expect, it } from 'vitest'
import type { Message } from '../../src/mail/compose.ts'
import { openSigner } from '../../src/mail/dkim.ts'

function rsa(modulusLength: number) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  })
  return { privateKey, record: `v=DKIM1; k=rsa; p=${publicKey.toString('base64')}` }
}

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
) as unknown as Message

it('is verified by another author’s program, with both list headers under it (standards.md A3)', async () => {
  const { privateKey, record } = rsa(2048)
  const sign = openSigner({ domain: 'courses.example', selector: 'dawn', privateKey })
  const signed = Buffer.concat(await sign(MESSAGE))
  const resolver = async (name: string) => {
    if (name === 'dawn._domainkey.courses.example') return [[record]]
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  }
  const { dkim } = await authenticate(signed, {
    ip: '127.0.0.1',
    helo: 'here',
    sender: 'b@courses.example',
    resolver,
  })
  expect(dkim.results.map(({ status }: { status: { result: string } }) => status.result)).toEqual(['pass'])
  const [, named] = /h=([^;]+);/.exec(signed.toString()) ?? []
  expect(named?.split(':')).toEqual(expect.arrayContaining(['list-unsubscribe', 'list-unsubscribe-post']))
})

it('refuses a key that would leave mail unsigned or weakly signed', () => {
  const { privateKey: ed25519 } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const withKey = (privateKey: string) => () =>
    openSigner({ domain: 'courses.example', selector: 'dawn', privateKey })
  expect(withKey(ed25519)).toThrow('not an RSA key')
  expect(withKey(rsa(1024).privateKey)).toThrow('1024 bits')
  expect(withKey('no key at all')).toThrow()
})
