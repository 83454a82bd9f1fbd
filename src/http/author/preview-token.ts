/**
 * Access token of a preview that other machines can reach. It comes with the first visit and is
 * then kept in a cookie, so that later addresses do not contain it.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { Problem } from '../../domain/problem.ts'

const COOKIE = 'dawnpost-preview'
/** What a mail loads in its frame, whose opaque origin is sent no cookies. */
const WITHIN_MAIL = /^\/(assets|media)\//

/** Responds 403 to requests without the token. */
export function onlyWithToken(token: string): MiddlewareHandler {
  return async (c, next) => {
    const given = c.req.query('token')
    if (!isSame(given ?? getCookie(c, COOKIE) ?? '', token))
      throw new Problem('forbidden', 'preview.no-token')
    if (given === undefined || WITHIN_MAIL.test(c.req.path)) return next()
    setCookie(c, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' })
    return c.redirect(withoutToken(c), 303)
  }
}

/** Returns a mail's HTML with the token added to its images and files. */
export const withToken = (html: string, token: string) =>
  html.replace(/(["'(])(\/(?:assets|media)\/[^"'()?\s]+)/g, `$1$2?token=${token}`)

/** Compares in constant time. */
const isSame = (given: string, expected: string) => timingSafeEqual(digest(given), digest(expected))
const digest = (text: string) => createHash('sha256').update(text).digest()

/** A path that began with two slashes would lead to another site. */
function withoutToken(c: Context): string {
  const { pathname, searchParams } = new URL(c.req.url)
  searchParams.delete('token')
  const query = String(searchParams)
  return `/${pathname.replace(/^\/+/, '')}${query && `?${query}`}`
}
