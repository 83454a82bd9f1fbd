/** What providers send to a webhook according to their documentation, signed with test keys. */
import { createHmac, createSign, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface Sent {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

export const secondsOf = (now: Temporal.Instant) =>
  String(Math.floor(now.epochMilliseconds / 1_000))
const JSON_TYPE = { 'Content-Type': 'application/json' }

// --- Postmark and Brevo: a credential ---

export const CREDENTIAL = 'dawnpost:3f9a1c77e0b24d5896aa41d2c8e7f013'
export const basic = (credential: string) => ({
  Authorization: `Basic ${Buffer.from(credential).toString('base64')}`,
})
export const withCredential = (event: unknown, credential = CREDENTIAL): Sent => ({
  body: JSON.stringify(event),
  headers: { ...JSON_TYPE, ...basic(credential) },
})

// --- Mailgun ---

export const MAILGUN_KEY = randomBytes(16).toString('hex')
export function mailgunSignature(now: Temporal.Instant, key = MAILGUN_KEY) {
  const timestamp = secondsOf(now)
  const token = randomBytes(25).toString('hex')
  const signature = createHmac('sha256', key)
    .update(timestamp + token)
    .digest('hex')
  return { timestamp, token, signature }
}
export const byMailgun = (
  event: unknown,
  now: Temporal.Instant,
  signature = mailgunSignature(now),
): Sent => ({ body: JSON.stringify({ signature, 'event-data': event }), headers: JSON_TYPE })

// --- SendGrid ---

const sendgrid = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
export const SENDGRID_KEY = sendgrid.publicKey
  .export({ format: 'der', type: 'spki' })
  .toString('base64')
export function bySendgrid(events: unknown, now: Temporal.Instant): Sent {
  const body = typeof events === 'string' ? events : JSON.stringify(events)
  const timestamp = secondsOf(now)
  const signature = sign('sha256', Buffer.from(timestamp + body), sendgrid.privateKey)
  return {
    body,
    headers: {
      ...JSON_TYPE,
      'X-Twilio-Email-Event-Webhook-Signature': signature.toString('base64'),
      'X-Twilio-Email-Event-Webhook-Timestamp': timestamp,
    },
  }
}

// --- Resend ---

const svix = randomBytes(24)
export const RESEND_SECRET = `whsec_${svix.toString('base64')}`
export function byResend(
  event: unknown,
  now: Temporal.Instant,
  id = `msg_${randomBytes(12).toString('hex')}`,
): Sent {
  const body = JSON.stringify(event)
  const timestamp = secondsOf(now)
  const signature = createHmac('sha256', svix).update(`${id}.${timestamp}.${body}`).digest('base64')
  return {
    body,
    headers: {
      ...JSON_TYPE,
      'svix-id': id,
      'svix-timestamp': timestamp,
      'svix-signature': `v1,${randomBytes(32).toString('base64')} v1,${signature}`,
    },
  }
}

// --- SES, through SNS ---

export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:dawnpost-mail'
export const CERTIFICATE_URL =
  'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem'

const tls = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
/** Stands for the signing certificate of Amazon: valid from the end of 2026 for ten years. */
export const SNS_CERTIFICATE = tls('sns')
const SNS_KEY = tls('sns-key')

type Fields = Readonly<Record<string, string>>

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

interface SnsTerms {
  readonly now: Temporal.Instant
  readonly fields?: Fields
}

/** An SNS message, as the topic sends it; `fields` override its own values. */
export function bySns(message: unknown, { now, fields = {} }: SnsTerms): Sent {
  const said: Record<string, string> = {
    Type: 'Notification',
    MessageId: randomBytes(16).toString('hex'),
    TopicArn: TOPIC,
    Message: typeof message === 'string' ? message : JSON.stringify(message),
    Timestamp: now.toString({ smallestUnit: 'millisecond' }),
    SignatureVersion: '2',
    SigningCertURL: CERTIFICATE_URL,
    ...fields,
  }
  const names = said.Type === 'Notification' ? NOTIFICATION : CONFIRMATION
  const text = names
    .filter((name) => said[name] !== undefined)
    .map((name) => `${name}\n${said[name]}\n`)
    .join('')
  const hash = said.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256'
  const Signature = createSign(hash).update(text).sign(SNS_KEY, 'base64')
  return {
    body: JSON.stringify({ Signature, ...said }),
    headers: {
      'Content-Type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': said.Type ?? '',
    },
  }
}

/** The settings of all webhooks, for these keys. */
export const HOOK_ENV = {
  SES_TOPIC_ARNS: TOPIC,
  POSTMARK_WEBHOOK_AUTH: CREDENTIAL,
  MAILGUN_SIGNING_KEY: MAILGUN_KEY,
  SENDGRID_WEBHOOK_KEY: SENDGRID_KEY,
  BREVO_WEBHOOK_AUTH: CREDENTIAL,
  RESEND_WEBHOOK_SECRET: RESEND_SECRET,
} as const
