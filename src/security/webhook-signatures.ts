/**
 * How providers authenticate what they send to a webhook (standards.md C19 to C24). Bodies are
 * verified as the bytes that came. Nothing here says why a signature is invalid.
 */
import {
  createHash,
  createHmac,
  createPublicKey,
  type KeyObject,
  timingSafeEqual,
  verify,
  type X509Certificate,
} from 'node:crypto'

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest()

/** Hashes have one length, so that comparing them reveals nothing. */
const isSame = (text: string | Uint8Array, other: string | Uint8Array) =>
  timingSafeEqual(sha256(text), sha256(other))

/** Identifies an event among all events of all providers. */
export const eventDigest = (provider: string, eventId: string) => sha256(`${provider}\0${eventId}`)

export const bodyDigest = (body: Uint8Array) => sha256(body)

/** Whether a header carries this `user:password` (RFC 7617). */
export function verifyBasicAuth(credential: string, authorization: string): boolean {
  const [, given] = /^Basic +([A-Za-z0-9+/=]{1,2000})$/i.exec(authorization) ?? []
  return given !== undefined && isSame(Buffer.from(given, 'base64'), Buffer.from(credential))
}

export interface MailgunSignature {
  readonly timestamp: string
  readonly token: string
  readonly signature: string
}

/** HMAC-SHA256 of timestamp and token, in hex (C21). It does not cover what they came with. */
export const verifyMailgunSignature = (
  key: string,
  { timestamp, token, signature }: MailgunSignature,
) =>
  isSame(
    createHmac('sha256', key)
      .update(timestamp + token)
      .digest('hex'),
    signature,
  )

export interface SvixSignature {
  readonly id: string
  readonly timestamp: string
  /** `v1,<base64>`, several separated by spaces while a secret is being changed. */
  readonly signatures: string
}

/** Enough for two secrets and their versions. */
const MAX_SIGNATURES = 8

/** HMAC-SHA256 of `id.timestamp.body`, in Base64 (Standard Webhooks, as Resend sends them). */
export function verifySvixSignature(
  secret: Uint8Array,
  { id, timestamp, signatures }: SvixSignature,
  body: Uint8Array,
): boolean {
  const hmac = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body)
  const expected = `v1,${hmac.digest('base64')}`
  const given = signatures.split(' ', MAX_SIGNATURES)
  return given.filter((signature) => isSame(signature, expected)).length > 0
}

/** Returns the secret after `whsec_`; null if it is not one, or is too short. */
export function svixSecret(text: string): Buffer | null {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]{24,128}={0,2})$/.exec(text) ?? []
  return encoded === undefined ? null : Buffer.from(encoded, 'base64')
}

/** ECDSA on P-256 with SHA-256 over timestamp and body (C22). */
export const verifySendgridSignature = (
  key: KeyObject,
  { timestamp, signature }: { readonly timestamp: string; readonly signature: string },
  body: Uint8Array,
) => {
  const signed = Buffer.concat([Buffer.from(timestamp), body])
  return verify('sha256', signed, key, Buffer.from(signature, 'base64'))
}

/**
 * Reads a public key as SendGrid shows it: Base64 of DER (SPKI); null if it is not one of P-256.
 */
export function sendgridKey(text: string): KeyObject | null {
  try {
    const der = Buffer.from(text, 'base64')
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null
  } catch {
    return null
  }
}

const NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
const CONFIRMATION = [
  'Message',
  'MessageId',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
]
const HASHES: Readonly<Record<string, string>> = { 1: 'sha1', 2: 'sha256' }

const TOPIC =
  /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d{1,2}):\d{12}:[\w-]{1,256}(?:\.fifo)?$/

/**
 * Returns the one host that may speak for a topic: that of its region. Null if it is not a topic.
 */
export function snsHost(topicArn: string): string | null {
  const [, partition, region] = TOPIC.exec(topicArn) ?? []
  return region ? `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}` : null
}

/** The fields of an SNS message, by name. */
export type SnsFields = Readonly<Record<string, string | undefined>>

/** RSA over the fields that are signed for its type, each with its name (C19). */
export function verifySnsSignature(certificate: X509Certificate, fields: SnsFields): boolean {
  const hash = HASHES[fields.SignatureVersion ?? '']
  if (hash === undefined) return false
  const names = fields.Type === 'Notification' ? NOTIFICATION : CONFIRMATION
  const signed = names
    .filter((name) => fields[name] !== undefined)
    .map((name) => `${name}\n${fields[name]}\n`)
    .join('')
  const signature = Buffer.from(fields.Signature ?? '', 'base64')
  return verify(hash, Buffer.from(signed), certificate.publicKey, signature)
}
