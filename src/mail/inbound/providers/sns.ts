/**
 * Messages of Amazon SNS, which carry the events of SES (standards.md C19): accepted only from our
 * topics, signed by Amazon, and no older than SNS keeps retrying.
 */
import { HOUR } from '../../../domain/time.ts'
import {
  type SnsFields,
  snsHost,
  verifySnsSignature,
} from '../../../security/webhook-signatures.ts'
import { type Certificates, type Fetch, urlOn } from './amazon.ts'
import { at, type Json, readJson } from './json.ts'
import { isFresh, type WebhookRejection } from './webhook-handler.ts'

/**
 * SNS retries for at most an hour, with the time and signature of the first attempt. Duplicates are
 * detected by their content.
 */
const RETRY_PERIOD_MS = HOUR

const FIELDS = [
  'Message',
  'MessageId',
  'Signature',
  'SignatureVersion',
  'SigningCertURL',
  'Subject',
  'SubscribeURL',
  'Timestamp',
  'Token',
  'TopicArn',
  'Type',
]
const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']

export interface SnsTerms {
  readonly topics: readonly string[]
  readonly certificates: Certificates
  readonly fetchText: Fetch
  readonly toleranceMs: number
}

type Sns =
  | { readonly type: 'news'; readonly message: Json }
  | { readonly type: 'confirmed' | 'unsubscribed' }

/** Reads an SNS message, and confirms the subscription of one of our topics. */
export async function readSns(
  body: Uint8Array,
  now: Temporal.Instant,
  { topics, certificates, fetchText, toleranceMs }: SnsTerms,
): Promise<Sns | WebhookRejection> {
  const json = readJson(body)
  if (json === null) return 'unreadable'
  const fields = fieldsOf(json)
  const { Type = '', TopicArn = '', SigningCertURL = '', Message = '' } = fields
  // Nothing is fetched for other people's topics.
  const host = topics.includes(TopicArn) ? snsHost(TopicArn) : null
  if (host === null || !TYPES.includes(Type)) return 'unsigned'
  const certificate = await certificates.get(host, SigningCertURL, now)
  if (!certificate || !verifySnsSignature(certificate, fields)) return 'unsigned'
  if (!isFresh(secondsOf(fields.Timestamp), now, Math.max(RETRY_PERIOD_MS, toleranceMs)))
    return 'stale'
  if (Type === 'UnsubscribeConfirmation') return { type: 'unsubscribed' }
  if (Type === 'Notification')
    return { type: 'news', message: readJson(Buffer.from(Message)) ?? undefined }
  const url = urlOn(host, fields.SubscribeURL ?? '')
  if (!url) return 'unsigned'
  await fetchText(url.href)
  return { type: 'confirmed' }
}

/** Returns the fields that are strings, because the signature covers their text. */
function fieldsOf(json: Json): SnsFields {
  return Object.fromEntries(
    FIELDS.flatMap((name) => {
      const value = at(json, name)
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}

function secondsOf(text = ''): string {
  try {
    return String(Math.floor(Temporal.Instant.from(text).epochMilliseconds / 1_000))
  } catch {
    return ''
  }
}
