/** Whether a request may be of somebody who has signed in, without asking who it is. */
import type { Context } from 'hono'

/** With the prefix where the site is reached by https (RFC 6265bis, 4.1.3.2). */
const COOKIE = /(?:^|;\s*)(?:__Host-)?dawnpost=/

export const hasSession = (c: Context) => COOKIE.test(c.req.header('cookie') ?? '')
