/** Whether a request may be of somebody who has signed in, without asking who it is. */
import type { Context } from 'hono'

/**
 * The cookie of a session; the first where the site is reached by https, see
 * http/members/session.ts.
 */
export const SESSION_COOKIES = { secure: '__Host-dawnpost', plain: 'dawnpost' } as const

const COOKIE = new RegExp(`(?:^|;\\s*)(?:${Object.values(SESSION_COOKIES).join('|')})=`)

export const hasSession = (c: Context) => COOKIE.test(c.req.header('cookie') ?? '')
