/** A mail as bytes, on its way from composing to a transport. */

/** What identifies one delivery on its way: the same on every attempt (I5). */
export interface Stamp {
  readonly messageId: string
  readonly date: Temporal.Instant
  /** The envelope sender, to which a bounce comes back; by default the address of the sender. */
  readonly returnPath?: string | null
}

/** The bytes of a message in pieces: its header first, ended by the empty line, then the body. */
export type MimeMessage = readonly [header: Buffer, ...body: readonly Buffer[]]

/** One mail, ready for a transport: its bytes, and whom SMTP is told. */
export interface Mail {
  readonly envelope: { readonly from: string; readonly to: string }
  readonly subject: string
  readonly messageId: string
  readonly message: MimeMessage
  /** The body is somebody else's: it is not in the form in which it is signed. */
  readonly isForeign?: true
}

/** The bytes in one piece. */
export const rawOf = ({ message }: Pick<Mail, 'message'>): Buffer => Buffer.concat(message)

/**
 * Puts a DKIM-Signature field before a message, whose body is in relaxed form (RFC 6376, 3.4.4)
 * unless it is foreign.
 */
export type Signer = (message: MimeMessage, isForeign?: boolean) => Promise<MimeMessage>
