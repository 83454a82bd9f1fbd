/** The door of each provider's webhook: who may enter, and what they report. */
import { classify } from '../../../domain/bounce.ts'
import { MAIL_PROVIDERS, type MailProvider } from '../../../domain/provider-id.ts'
import { MINUTE } from '../../../domain/time.ts'
import {
  bodyDigest,
  eventDigest,
  type MailgunSignature,
  sendgridKey,
  svixSecret,
  verifyBasicAuth,
  verifyMailgunSignature,
  verifySendgridSignature,
  verifySvixSignature,
} from '../../../security/webhook-signatures.ts'
import { type Fetch, fetchText, openCertificates } from './amazon.ts'
import { readBrevo } from './brevo.ts'
import type { ProviderEvent } from './event.ts'
import { at, type Json, readJson, textAt } from './json.ts'
import { readMailgun } from './mailgun.ts'
import { readPostmark } from './postmark.ts'
import { readResend } from './resend.ts'
import { readSendgrid } from './sendgrid.ts'
import { readSes } from './ses.ts'
import { readSns } from './sns.ts'
import {
  type AcceptedWebhook,
  isFresh,
  type WebhookHandler,
  type WebhookRejection,
  type WebhookRequest,
} from './webhook-handler.ts'

/** The secret for each door; null if there is no such door. */
export interface WebhookSettings {
  readonly ses: readonly string[] | null
  readonly postmark: string | null
  readonly mailgun: string | null
  readonly sendgrid: string | null
  readonly brevo: string | null
  readonly resend: string | null
  /** Maximum age of a signature. */
  readonly toleranceMs: number
}

export type WebhookHandlers = ReadonlyMap<MailProvider, WebhookHandler>

/** SendGrid sends up to a thousand at a time, Brevo a batch if asked to, the others one. */
const MAX_EVENTS = 5_000

/** Opens a door per provider. `fetching` replaces HTTP requests to Amazon in tests. */
export function openWebhookHandlers(
  settings: WebhookSettings,
  fetcher: Fetch = fetchText,
): WebhookHandlers {
  const { toleranceMs, ses, postmark, mailgun, sendgrid, brevo, resend } = settings
  const handlers: Readonly<Record<MailProvider, WebhookHandler | null>> = {
    ses: ses && sesHandler(ses, toleranceMs, fetcher),
    postmark: postmark === null ? null : basicAuthHandler('postmark', postmark),
    mailgun: mailgun === null ? null : mailgunHandler(mailgun, toleranceMs),
    sendgrid: sendgrid === null ? null : sendgridHandler(sendgrid, toleranceMs),
    brevo: brevo === null ? null : basicAuthHandler('brevo', brevo),
    resend: resend === null ? null : resendHandler(resend, toleranceMs),
  }
  return new Map(
    MAIL_PROVIDERS.flatMap((name): [MailProvider, WebhookHandler][] => {
      const handler = handlers[name]
      return handler ? [[name, handler]] : []
    }),
  )
}

function events(
  provider: MailProvider,
  all: readonly ProviderEvent[],
): Pick<AcceptedWebhook, 'events'> {
  return {
    events: all.map(({ eventId, report }) => ({ digest: eventDigest(provider, eventId), report })),
  }
}

const isTooMany = (json: Json) => Array.isArray(json) && json.length > MAX_EVENTS

function sesHandler(
  topics: readonly string[],
  toleranceMs: number,
  fetching: Fetch,
): WebhookHandler {
  const terms = {
    topics,
    toleranceMs,
    fetchText: fetching,
    certificates: openCertificates(fetching),
  }
  return async ({ body }, now) => {
    const sns = await readSns(body, now, terms)
    if (typeof sns === 'string') return sns
    if (sns.type !== 'news') return { events: [], note: sns.type }
    return events('ses', readSes(sns.message, classify))
  }
}

const READERS = { postmark: readPostmark, brevo: readBrevo }

/** Postmark and Brevo sign nothing, so knowing the credential is sufficient (C23). */
const basicAuthHandler =
  (provider: keyof typeof READERS, credential: string): WebhookHandler =>
  async ({ header, body }) => {
    if (!verifyBasicAuth(credential, header('authorization'))) return 'unsigned'
    return readAll(provider, readJson(body))
  }

function readAll(
  provider: keyof typeof READERS,
  json: Json | null,
): AcceptedWebhook | WebhookRejection {
  if (json === null) return 'unreadable'
  if (isTooMany(json)) return 'too_many'
  return events(provider, READERS[provider](json, classify))
}

/**
 * Mailgun signs a token but not the body. Each token is therefore valid only for the first body it
 * comes with, and again for that one if it could not be stored.
 */
const mailgunHandler =
  (key: string, toleranceMs: number): WebhookHandler =>
  async ({ body }, now) => {
    const json = readJson(body)
    if (json === null) return 'unreadable'
    const signed = ['signature', 'parent-signature']
      .map((name) => signatureIn(at(json, name) ?? at(json, 'signature', name)))
      .find((signature) => verifyMailgunSignature(key, signature))
    if (!signed) return 'unsigned'
    if (!isFresh(signed.timestamp, now, toleranceMs)) return 'stale'
    return {
      ...events('mailgun', readMailgun(json, classify)),
      once: {
        token: eventDigest('mailgun token', signed.token),
        body: bodyDigest(body),
        until: now.add({ milliseconds: toleranceMs + 10 * MINUTE }),
      },
    }
  }

const signatureIn = (json: Json): MailgunSignature => ({
  timestamp: textAt(json, 'timestamp'),
  token: textAt(json, 'token'),
  signature: textAt(json, 'signature'),
})

const SENDGRID = 'x-twilio-email-event-webhook'

function sendgridHandler(setting: string, toleranceMs: number): WebhookHandler {
  const key = sendgridKey(setting)
  return async ({ header, body }, now) => {
    const signature = header(`${SENDGRID}-signature`)
    const timestamp = header(`${SENDGRID}-timestamp`)
    if (!key || !verifySendgridSignature(key, { timestamp, signature }, body)) return 'unsigned'
    if (!isFresh(timestamp, now, toleranceMs)) return 'stale'
    const json = readJson(body)
    if (json === null) return 'unreadable'
    if (isTooMany(json)) return 'too_many'
    return events('sendgrid', readSendgrid(json, classify))
  }
}

function resendHandler(setting: string, toleranceMs: number): WebhookHandler {
  const secret = svixSecret(setting)
  return async ({ header, body }: WebhookRequest, now) => {
    const id = header('svix-id')
    const timestamp = header('svix-timestamp')
    const signed = { id, timestamp, signatures: header('svix-signature') }
    if (!secret || !verifySvixSignature(secret, signed, body)) return 'unsigned'
    if (!isFresh(timestamp, now, toleranceMs)) return 'stale'
    const json = readJson(body)
    return json === null ? 'unreadable' : events('resend', readResend(json, classify, id))
  }
}
