/** A site whose webhooks bring what they took to a test. */
import { type IncomingEvent, takeWebhook } from '../../src/actions/hooks/take-webhook.ts'
import { createServer } from '../../src/http/server.ts'
import { openDoors } from '../../src/mail/inbound/providers/doors.ts'
import type { Logger } from '../../src/platform/log.ts'
import * as stores from '../../src/store/index.ts'
import { isBadValue } from '../../src/store/postgres/sql.ts'
import { testApp } from './app.ts'
import { HOOK_ENV, type Sent, SNS_CERTIFICATE } from './webhooks.ts'

type Take = (incoming: IncomingEvent) => Promise<unknown>

/** `take`: what is done with an event once it is collected. */
export async function testHooks({ env = HOOK_ENV, log, take }: HooksOptions = {}) {
  const test = await testApp({ env: { TRUST_PROXY: '1', ...env }, ...(log && { log }) })
  const { app, db } = test
  const fetched: string[] = []
  const taken: IncomingEvent[] = []
  const doors = openDoors(app.config.webhooks, async (url) => {
    fetched.push(url)
    return SNS_CERTIFICATE
  })
  const deps = {
    db,
    stores,
    now: app.now,
    log: app.log,
    doors,
    isBadValue,
    take: async (incoming: IncomingEvent) => {
      await take?.(incoming)
      taken.push(incoming)
    },
  }
  const hooks: typeof app.hooks = {
    providers: [...doors.keys()],
    take: (provider, delivered) => takeWebhook(provider, delivered, deps),
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
