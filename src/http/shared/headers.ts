/** The headers of every answer, set in this one place for the site and for the author's preview. */
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** What our pages may load and send, and who may show them in a frame. */
export const policy = (ancestors: readonly string[]) =>
  [
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${ancestors.join(' ')}`,
  ].join('; ')
const OURS = policy(["'self'"])

/** What no page of ours asks a browser for. */
const NOTHING = {
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
 * What search engines may list: the front page, courses, dailies, articles and their lists, and
 * what these load. All else is somebody's own: most paths carry a token, and a page that is added
 * here without a thought is none for strangers either.
 */
const LISTED =
  /^\/($|courses\/[^/]+(\/theme\.css)?$|daily(\/|$)|(assets|media)\/|\.well-known\/|(robots\.txt|sitemap\.xml)$)/
const READING_ROOM = /^\/articles($|\/((tags|authors|years)\/)?[^/]+$|\/[^/]+\/[^/]+\.png$)/

/**
 * Where a browser that knows no better has to say from which site a form was sent
 * (http/members/same-origin.ts). Of the path, which may hold a token, it says nothing either.
 */
const SAYS_ORIGIN = /^\/(sign-in|member)(\/|$)/

/** Mailboxes show the pictures of a mail on pages of their own, and so does our preview of it. */
const PICTURES = /^\/(media\/|(assets|articles)\/.+\.png$)/

/** `https`: whether the site is reached by https, and may ask browsers to stay with it. */
export const siteHeaders = ({ https }: { https: boolean }): MiddlewareHandler[] => [
  // Before what sets it for all others.
  async (c, next) => {
    await next()
    if (PICTURES.test(c.req.path)) c.header('Cross-Origin-Resource-Policy', 'cross-origin')
    if (SAYS_ORIGIN.test(c.req.path)) c.header('Referrer-Policy', 'strict-origin')
  },
  secureHeaders({
    xFrameOptions: 'SAMEORIGIN',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: https ? 'max-age=15552000' : false,
    permissionsPolicy: NOTHING,
  }),
  async (c, next) => {
    await next()
    const unlessSet = (name: string, value: string) =>
      c.res.headers.has(name) || c.header(name, value)
    unlessSet('Cache-Control', 'no-store')
    unlessSet('Content-Security-Policy', OURS)
    if (!LISTED.test(c.req.path) && !READING_ROOM.test(c.req.path))
      unlessSet('X-Robots-Tag', 'noindex')
  },
]
