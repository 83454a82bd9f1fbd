/**
 * Where providers report what became of mail: POST, signed, without a cookie, a form or a page. A
 * response says as little as possible; the log has the reason for a refusal. Strangers' requests do
 * not block a provider: the signature is checked first, and no network is shut out, since behind an
 * untrusted proxy all are one.
 */
import { type Context, Hono } from 'hono'
import type { WebhookResult } from '../../actions/hooks/handle-webhook.ts'
import { MINUTE } from '../../domain/time.ts'
import { openIntervalLimiter } from '../../platform/interval-limiter.ts'
import type { HookSite } from '../shared/site.ts'

/** Largest webhook body that is read: SendGrid sends up to 768 kB at once, SNS 256 kB. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024

/** Returns whether a request goes to a webhook, and so may have a body of that size. */
export const isWebhook = ({ req }: Context) =>
  req.method === 'POST' && /^\/hooks\/[a-z]+$/.test(req.path)

const RETRY_SECONDS = 60

const NOT_TAKEN = 'a webhook request failed; the provider is to send it again'

const STATUS = {
  taken: 200,
  closed: 404,
  unreadable: 400,
  too_many: 413,
  unsigned: 401,
  stale: 401,
  replayed: 401,
} as const satisfies Record<WebhookResult, number>

export function hookRoutes(app: HookSite) {
  const { hooks, log } = app
  // Anybody may call, so this is logged at most once a minute.
  const mayTell = openIntervalLimiter(MINUTE)
  const server = new Hono()
  for (const provider of hooks.providers)
    server.post(`/hooks/${provider}`, async (c) => {
      const body = c.get('body')
      if (!(body instanceof Uint8Array)) return c.text('', body.code === 'too_large' ? 413 : 400)
      const header = (name: string) => c.req.header(name) ?? ''
      try {
        const answer = await hooks.take(provider, { header, body })
        if (answer === 'taken') return c.text('ok')
        const keptBack = mayTell(`${provider} ${answer}`)
        if (keptBack !== null)
          log.warn({ provider, why: answer, keptBack }, 'a webhook request was refused')
        return c.text('', STATUS[answer])
      } catch (error) {
        const keptBack = mayTell(`${provider} failed`)
        if (keptBack !== null) log.error({ provider, err: error, keptBack }, NOT_TAKEN)
        return retryLater(c)
      }
    })
  return server
}

function retryLater(c: Context) {
  c.header('Retry-After', String(RETRY_SECONDS))
  return c.text('', 503)
}
