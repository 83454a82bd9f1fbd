/**
 * Endpoints for load balancers and monitors. Served under any host name, without a form, before
 * everything else; in English and not from a catalog, since programs read it.
 */

import { createHash, timingSafeEqual } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { namesThisMachine } from './shared/hosts.ts'
import type { WebSite } from './shared/site.ts'

export function healthPages(app: WebSite) {
  return new Hono()
    .get('/healthz', (c) => c.text('ok'))
    .get('/readyz', async (c) => {
      const { ready, ...parts } = await app.operator.readiness()
      return c.json(mayKnow(app, c) ? { ready, ...parts } : { ready }, ready ? 200 : 503)
    })
    .get('/metrics', async (c) => {
      if (!mayKnow(app, c))
        return c.text('This page needs the READYZ_TOKEN, as "Authorization: Bearer …".\n', 401)
      return c.body(await app.operator.metrics(), 200, {
        'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
      })
    })
}

/** Returns whether the client is an operator: it holds the token or is on this machine. */
const mayKnow = (app: WebSite, c: Context) =>
  holdsToken(c, app.config.http.readyzToken) || isOfThisMachine(c)

/** RFC 6750. Hashes have equal length, so that comparing them leaks nothing. */
function holdsToken(c: Context, token: string | null): boolean {
  const [, given] =
    /^Bearer +(\S+)$/i.exec(c.req.header('authorization')?.slice(0, 500) ?? '') ?? []
  return token !== null && given !== undefined && timingSafeEqual(digest(given), digest(token))
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/**
 * A loopback address is not enough: a proxy on this machine, which forwards anybody, has one too,
 * and so does a browser lured by a malicious page.
 */
function isOfThisMachine(c: Context): boolean {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  const isLocal = /^(::ffff:)?127\.|^::1$/.test(incoming?.socket.remoteAddress ?? '')
  return (
    isLocal && namesThisMachine(c) && FORWARDED.every((name) => c.req.header(name) === undefined)
  )
}

const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via']
