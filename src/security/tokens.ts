/**
 * What only one person, or one browser, has: 256 bits. Of each the database keeps the SHA-256 and
 * no more, so that who reads it can sign in as nobody. No salt: nobody tries out 256 bits.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Secrets } from './secrets.ts'

/** What a token looks like: 32 bytes in base64url. */
const SHAPE = /^[\w-]{43}$/

export interface Tokens {
  /** One that was never there before: a session's. */
  fresh(): string
  /**
   * The tokens of a mail under each key, the present one first: made of its id, so that a mail
   * which has to be sent again brings the same.
   */
  ofMail(id: string): [string, ...string[]]
  /** Under what a token is kept; null for what is none. */
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
 * What the forms of a session carry, so that no page of a stranger can send one (a synchronizer
 * token): made of the session, which the stranger does not know.
 */
export const formTokenOf = (session: string): string =>
  createHmac('sha256', session).update('form').digest('base64url')

export function isFormTokenOf(session: string, text: string): boolean {
  const [wanted, given] = [formTokenOf(session), text].map((token) => Buffer.from(token))
  return (
    wanted !== undefined &&
    given !== undefined &&
    wanted.length === given.length &&
    timingSafeEqual(wanted, given)
  )
}
