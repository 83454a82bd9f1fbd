/** What a mail's HTML may do when a page shows it: no scripts, no forms, nothing but images. */

const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self' https: data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
]

/** For a lesson that is reread: a page of its own on this site. */
export const LESSON_POLICY = POLICY.join('; ')

/**
 * For a mail that the outbox or the preview shows in a frame: it has an opaque origin, so that it
 * shares nothing with the surrounding page, and its links open in a new tab (standards.md I11).
 */
export const MAIL_POLICY = [...POLICY, 'sandbox allow-popups allow-popups-to-escape-sandbox'].join(
  '; ',
)
