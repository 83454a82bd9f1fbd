/** Headers of every response, set only here, for the site and for the author's preview. */
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** Returns the policy for what our pages may load and send, and who may show them in a frame. */
export const contentSecurityPolicy = (ancestors: readonly string[]) =>
  [
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${ancestors.join(' ')}`,
  ].join('; ')
const OWN_POLICY = contentSecurityPolicy(["'self'"])

/** Browser features that none of our pages uses. */
const DISABLED_FEATURES = {
  camera: [],
  microphone: [],
  geolocation: [],
  displayCapture: [],
  midi: [],
  payment: [],
  usb: [],
  serial: [],
  hid: [],
  bluetooth: [],
}

/**
 * Paths that search engines may list: the front page, courses, dailies, articles and their lists,
 * and what these load. Everything else is private by default: most paths carry a token, and so a
 * new page is not listed unless it is added here deliberately.
 */
const INDEXABLE_PATHS =
  /^\/($|courses\/[^/]+(\/theme\.css)?$|daily(\/|$)|(assets|media)\/|\.well-known\/|(robots\.txt|sitemap\.xml)$)/
const ARTICLE_PATHS = /^\/articles($|\/((tags|authors|years)\/)?[^/]+$|\/[^/]+\/[^/]+\.png$)/

/**
 * Paths where a browser without Sec-Fetch-Site has to say which site a form was sent from
 * (http/members/same-origin.ts). `strict-origin` still hides the path, which may hold a token.
 */
const ORIGIN_PATHS = /^\/(sign-in|member)(\/|$)/

/** Mailboxes show a mail's pictures on their own pages, as does our preview. */
const PICTURES = /^\/(media\/|(assets|articles)\/.+\.png$)/

/** `https`: whether the site is reached by https and may tell browsers to require it. */
export const siteHeaders = ({ https }: { https: boolean }): MiddlewareHandler[] => [
  // Registered before the middleware that sets these for all other paths.
  async (c, next) => {
    await next()
    if (PICTURES.test(c.req.path)) c.header('Cross-Origin-Resource-Policy', 'cross-origin')
    if (ORIGIN_PATHS.test(c.req.path)) c.header('Referrer-Policy', 'strict-origin')
  },
  secureHeaders({
    xFrameOptions: 'SAMEORIGIN',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: https ? 'max-age=15552000' : false,
    permissionsPolicy: DISABLED_FEATURES,
  }),
  async (c, next) => {
    await next()
    const unlessSet = (name: string, value: string) =>
      c.res.headers.has(name) || c.header(name, value)
    unlessSet('Cache-Control', 'no-store')
    unlessSet('Content-Security-Policy', OWN_POLICY)
    if (!INDEXABLE_PATHS.test(c.req.path) && !ARTICLE_PATHS.test(c.req.path))
      unlessSet('X-Robots-Tag', 'noindex')
  },
]
