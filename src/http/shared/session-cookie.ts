/** Whether a request may come from a signed-in member, without looking up who it is. */
import type { Context } from 'hono'

/**
 * Names of the session cookie; `secure` where the site is reached by https, see
 * http/members/session.ts.
 */
export const SESSION_COOKIES = { secure: '__Host-dawnpost', plain: 'dawnpost' } as const

const COOKIE = new RegExp(`(?:^|;\\s*)(?:${Object.values(SESSION_COOKIES).join('|')})=`)

export const hasSession = (c: Context) => COOKIE.test(c.req.header('cookie') ?? '')
