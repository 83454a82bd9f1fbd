/**
 * The key to a preview that other machines can reach. It comes with the first visit, and stays as a
 * cookie: all later addresses are free of it.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { Problem } from '../../domain/problem.ts'

const COOKIE = 'dawnpost-preview'
/** What a mail shows within its frame, which is of no site and is sent no cookies. */
const WITHIN_MAIL = /^\/(assets|media)\//

/** Answers 403 to whoever does not have the token. */
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

/** The HTML of a mail whose pictures are let in. */
export const withToken = (html: string, token: string) =>
  html.replace(/(["'(])(\/(?:assets|media)\/[^"'()?\s]+)/g, `$1$2?token=${token}`)

/** In a time that tells nothing of how much of it is right. */
const isSame = (given: string, expected: string) => timingSafeEqual(digest(given), digest(expected))
const digest = (text: string) => createHash('sha256').update(text).digest()

/** A path that began with two slashes would lead to another site. */
function withoutToken(c: Context): string {
  const { pathname, searchParams } = new URL(c.req.url)
  searchParams.delete('token')
  const query = String(searchParams)
  return `/${pathname.replace(/^\/+/, '')}${query && `?${query}`}`
}
