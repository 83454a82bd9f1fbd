/**
 * Tokens that only one person, or one browser, has: 256 bits. The database keeps nothing but the
 * SHA-256 of each, so that nobody who reads it can sign in. No salt: nobody can try out 256 bits.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Secrets } from './secrets.ts'

/** Shape of a token: 32 bytes in base64url. */
const SHAPE = /^[\w-]{43}$/

export interface Tokens {
  /** Returns a new random token, for a session. */
  fresh(): string
  /**
   * Returns the tokens of a mail under each key, the current one first. They are derived from its
   * id, so that a resent mail brings the same.
   */
  ofMail(id: string): [string, ...string[]]
  /** Returns what a token is stored under; null if it is not one. */
  hashOf(token: string): Buffer | null
}

export const openTokens = (secrets: Pick<Secrets, 'macs'>): Tokens => ({
  fresh: () => randomBytes(32).toString('base64url'),
  ofMail: (id) => {
    const [present, ...old] = secrets.macs('mailed token', id)
    return [present.toString('base64url'), ...old.map((mac) => mac.toString('base64url'))]
  },
  hashOf: (token) => (SHAPE.test(token) ? createHash('sha256').update(token).digest() : null),
})

/**
 * Returns what the forms of a session carry, so that no page of a stranger can submit one (a
 * synchronizer token): derived from the session, which the stranger does not know.
 */
export const csrfTokenOf = (session: string): string =>
  createHmac('sha256', session).update('form').digest('base64url')

export function isCsrfTokenOf(session: string, text: string): boolean {
  const [wanted, given] = [csrfTokenOf(session), text].map((token) => Buffer.from(token))
  return (
    wanted !== undefined &&
    given !== undefined &&
    wanted.length === given.length &&
    timingSafeEqual(wanted, given)
  )
}
