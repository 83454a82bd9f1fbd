import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  sendgridKey,
  snsHost,
  svixSecret,
  verifyBasicAuth,
  verifySvixSignature,
} from '../../src/security/webhook-signatures.ts'
import { basic, SENDGRID_KEY } from '../support/webhooks.ts'

describe('Svix', () => {
  // The example in the specification (standard-webhooks).
  const secret = svixSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') ?? Buffer.alloc(0)
  const signed = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: '1614265330',
    signatures: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  }
  const body = Buffer.from('{"test": 2432232314}')

  it('signs id, timestamp and body', () => {
    expect(verifySvixSignature(secret, signed, body)).toBe(true)
    expect(verifySvixSignature(secret, { ...signed, id: 'msg_other' }, body)).toBe(false)
    expect(verifySvixSignature(secret, { ...signed, timestamp: '1614265331' }, body)).toBe(false)
    expect(verifySvixSignature(secret, signed, Buffer.from('{"test": 2432232315}'))).toBe(false)
    expect(verifySvixSignature(Buffer.from('another secret'), signed, body)).toBe(false)
  })

  it('can send several signatures during a rotation, up to a limit and only in version 1', () => {
    const other = 'v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
    const both = `${other} ${signed.signatures}`
    expect(verifySvixSignature(secret, { ...signed, signatures: both }, body)).toBe(true)
    const asymmetric = signed.signatures.replace('v1,', 'v1a,')
    expect(verifySvixSignature(secret, { ...signed, signatures: asymmetric }, body)).toBe(false)
    const many = `${`${other} `.repeat(1_000)}${signed.signatures}`
    expect(verifySvixSignature(secret, { ...signed, signatures: many }, body)).toBe(false)
    expect(verifySvixSignature(secret, { ...signed, signatures: '' }, body)).toBe(false)
  })

  it.each([
    '',
    'whsec_',
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_c2hvcnQ=',
    'whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!',
  ])('does not use a secret like "%s"', (text) => {
    expect(svixSecret(text)).toBeNull()
  })
})

it('a SendGrid key must be a P-256 key', () => {
  expect(sendgridKey(SENDGRID_KEY)?.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  for (const text of ['', 'x', SENDGRID_KEY.slice(0, 40), Buffer.alloc(91).toString('base64')])
    expect(sendgridKey(text)).toBeNull()
  for (const { publicKey } of [
    generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
    generateKeyPairSync('ed25519'),
  ])
    expect(
      sendgridKey(publicKey.export({ format: 'der', type: 'spki' }).toString('base64')),
    ).toBeNull()
})

it('Basic credentials must match completely', () => {
  const { Authorization } = basic('user:pass:word')
  expect(verifyBasicAuth('user:pass:word', Authorization)).toBe(true)
  expect(verifyBasicAuth('user:pass:word', Authorization.replace('Basic', 'basic '))).toBe(true)
  expect(verifyBasicAuth('user:pass', Authorization)).toBe(false)
  expect(verifyBasicAuth('user:pass:word', '')).toBe(false)
  expect(verifyBasicAuth('user:pass:word', Authorization.slice(0, -2))).toBe(false)
})

it.each([
  ['arn:aws:sns:eu-west-1:123456789012:mail', 'sns.eu-west-1.amazonaws.com'],
  ['arn:aws:sns:ap-southeast-2:123456789012:mail.fifo', 'sns.ap-southeast-2.amazonaws.com'],
  ['arn:aws-cn:sns:cn-north-1:123456789012:mail', 'sns.cn-north-1.amazonaws.com.cn'],
  ['arn:aws-us-gov:sns:us-gov-west-1:123456789012:mail', 'sns.us-gov-west-1.amazonaws.com'],
  ['arn:aws:sqs:eu-west-1:123456789012:mail', null],
  ['arn:aws:sns:eu-west-1:12345:mail', null],
  ['arn:aws:sns:evil.example/eu-west-1:123456789012:mail', null],
  ['', null],
])('the SNS host of the topic "%s" is %s', (topic, host) => {
  expect(snsHost(topic)).toBe(host)
})
