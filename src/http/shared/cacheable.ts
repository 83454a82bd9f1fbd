/**
 * Responses that are the same for everybody without a session: cached for a minute, then
 * revalidated.
 */
import { createHash } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { STAMP_PERIOD } from './form-guard.ts'
import { hasSession } from './session-cookie.ts'

const HTML = 'text/html; charset=UTF-8'
const CACHE_CONTROL = 'public, max-age=60'

declare module 'hono' {
  interface ContextVariableMap {
    /** True if nothing in the response is specific to one person. */
    isForEveryone: boolean
  }
}

interface Shared {
  readonly type?: string
  /** Stamps of the forms in it, which differ in each response. */
  readonly stamps?: readonly string[]
  readonly now: () => Temporal.Instant
}

/**
 * Responds with a page that only a session would change. Its ETag is weak, since two responses
 * differ in the stamps of their forms (RFC 9110, 8.8.1). The ETag changes after half of a stamp's
 * life, so that no cache keeps a page whose form is too old to be sent.
 */
export function cacheablePage(c: Context, html: string, { now, stamps = [] }: Shared) {
  c.header('Vary', 'Cookie', { append: true })
  if (hasSession(c)) {
    c.header('Cache-Control', 'private, no-cache')
    return c.html(html)
  }
  return answer(c, html, { type: HTML, stamps, now })
}

/** Responds with what no session changes: a feed, a list for search engines. */
export const cacheableFile = (c: Context, body: string, type: string) =>
  answer(c, body, { type, now: () => NEVER })

const NEVER = Temporal.Instant.fromEpochMilliseconds(0)

function answer(c: Context, body: string, { type = HTML, stamps = [], now }: Shared) {
  const hash = createHash('sha256')
  for (const part of withoutStamps(body, stamps)) hash.update(part)
  if (stamps.length > 0) hash.update(String(Math.floor(now().epochMilliseconds / STAMP_PERIOD)))
  const tag = `W/"${hash.digest('base64url').slice(0, 22)}"`
  c.header('ETag', tag)
  c.header('Cache-Control', CACHE_CONTROL)
  c.set('isForEveryone', true)
  if (etagMatches(c, tag)) return c.body(null, 304)
  return c.body(body, 200, { 'Content-Type': type })
}

const withoutStamps = (body: string, stamps: readonly string[]) =>
  stamps.reduce<string[]>((parts, stamp) => parts.flatMap((part) => part.split(stamp)), [body])

/**
 * Returns whether the browser has this version: any of its tags matches weakly (RFC 9110, 13.1.2).
 */
export const etagMatches = (c: Context, tag: string) => {
  const known = c.req.header('if-none-match') ?? ''
  return known === '*' || known.includes(tag.replace(/^W\//, ''))
}

/**
 * Compresses these responses and no other page: the compressed length of a page that holds secrets
 * as well as text a stranger may have put there would leak the secrets (BREACH). Must be registered
 * before middleware that changes a page after its route.
 */
export function compressCacheable(): MiddlewareHandler {
  const compressed = compress()
  return async (c, next) => {
    await next()
    if (c.get('isForEveryone')) await compressed(c, async () => {})
  }
}
