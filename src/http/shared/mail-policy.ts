/**
 * What the HTML of a mail may do when a page shows it: no scripts, no forms, nothing but images.
 */

const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self' https: data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
]

/** For a lesson that is read again: a page of its own, on this site. */
export const LESSON_POLICY = POLICY.join('; ')

/**
 * For a mail that the outbox or the preview shows in a frame: of no site, so that it shares nothing
 * with the page round it; its links open in a tab of their own (standards.md I11).
 */
export const MAIL_POLICY = [...POLICY, 'sandbox allow-popups allow-popups-to-escape-sandbox'].join(
  '; ',
)
