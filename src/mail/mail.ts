/** A mail as bytes, on its way from composing to a transport. */

/** Identifies one delivery; the same on every attempt (I5). */
export interface Stamp {
  readonly messageId: string
  readonly date: Temporal.Instant
  /** The envelope sender, which receives bounces; defaults to the sender's address. */
  readonly returnPath?: string | null
}

/** The bytes of a message in pieces: the header, ended by its empty line, then the body. */
export type MimeMessage = readonly [header: Buffer, ...body: readonly Buffer[]]

/** A mail ready for a transport: its bytes and its SMTP envelope. */
export interface Mail {
  readonly envelope: { readonly from: string; readonly to: string }
  readonly subject: string
  readonly messageId: string
  readonly message: MimeMessage
  /** The body was written by someone else, so it is not in DKIM's relaxed form. */
  readonly isForeign?: true
}

/** Returns the bytes as one buffer. */
export const rawOf = ({ message }: Pick<Mail, 'message'>): Buffer => Buffer.concat(message)

/**
 * Prepends a DKIM-Signature field to a message, whose body must be in relaxed form (RFC 6376,
 * 3.4.4) unless it is foreign.
 */
export type Signer = (message: MimeMessage, isForeign?: boolean) => Promise<MimeMessage>
