/** A site whose webhooks pass the events they accept to the test. */
import { handleWebhook, type IncomingEvent } from '../../src/actions/hooks/handle-webhook.ts'
import type { MailProvider } from '../../src/domain/provider-id.ts'
import { createServer } from '../../src/http/server.ts'
import { openWebhookHandlers } from '../../src/mail/inbound/providers/webhook-handlers.ts'
import type { Logger } from '../../src/platform/log.ts'
import * as stores from '../../src/store/index.ts'
import { testApp } from './app.ts'
import {
  byMailgun,
  byResend,
  bySendgrid,
  bySns,
  HOOK_ENV,
  type Sent,
  SNS_CERTIFICATE,
  withCredential,
} from './webhooks.ts'

type Take = (incoming: IncomingEvent) => Promise<unknown>

/** `take`: called with each event before it is recorded. */
export async function testHooks({ env = HOOK_ENV, log, take }: HooksOptions = {}) {
  const test = await testApp({ env: { TRUST_PROXY: '1', ...env }, ...(log && { log }) })
  const { app, db } = test
  const fetched: string[] = []
  const taken: IncomingEvent[] = []
  const doors = openWebhookHandlers(app.config.webhooks, async (url) => {
    fetched.push(url)
    return SNS_CERTIFICATE
  })
  const deps = {
    db,
    stores,
    now: app.now,
    log: app.log,
    doors,
    take: async (incoming: IncomingEvent) => {
      await take?.(incoming)
      taken.push(incoming)
    },
  }
  const hooks: typeof app.hooks = {
    providers: [...doors.keys()],
    take: (provider, delivered) => handleWebhook(provider, delivered, deps),
  }
  const server = await createServer({ ...app, hooks })
  return {
    ...test,
    server,
    fetched,
    taken,
    hook: (provider: string, { body, headers }: SentBytes, more: Record<string, string> = {}) =>
      server.request(`/hooks/${provider}`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body,
        duplex: 'half',
      } as RequestInit),
  }
}

interface HooksOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly log?: Logger
  readonly take?: Take
}

type SentBytes = Omit<Sent, 'body'> & { readonly body: string | Uint8Array<ArrayBuffer> }

export const ADDRESS = 'ada@example.com'

/** A complaint from each provider, in its own format. */
export const COMPLAINTS: Readonly<
  Record<MailProvider, (now: Temporal.Instant, id?: string) => Sent>
> = {
  ses: (now, id = 'feedback-1') =>
    bySns(
      {
        notificationType: 'Complaint',
        mail: { messageId: '0102018f3b6c-000000', destination: [ADDRESS] },
        complaint: { complainedRecipients: [{ emailAddress: ADDRESS }], feedbackId: id },
      },
      { now },
    ),
  postmark: (_, id = '17') =>
    withCredential({
      RecordType: 'SpamComplaint',
      TypeCode: 100001,
      ID: Number(id),
      Email: ADDRESS,
    }),
  mailgun: (now, id = 'event-1') =>
    byMailgun({ event: 'complained', id, recipient: ADDRESS, timestamp: 1805439602.1 }, now),
  sendgrid: (now, id = 'event-1') =>
    bySendgrid([{ event: 'spamreport', email: ADDRESS, sg_event_id: id }], now),
  brevo: (_, id = '1805439602') =>
    withCredential({ event: 'spam', email: ADDRESS, 'message-id': '<a@b.example>', ts_event: id }),
  resend: (now, id = 'msg_1') =>
    byResend({ type: 'email.complained', data: { email_id: 'e-1', to: [ADDRESS] } }, now, id),
}
export const PROVIDERS = Object.keys(COMPLAINTS) as MailProvider[]
