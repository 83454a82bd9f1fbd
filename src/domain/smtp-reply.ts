/** A server's reply, as it may be stored and logged. */

/** Most characters kept. A server can answer with a megabyte. */
const MAX_LENGTH = 500
/** Most characters read. Replacing addresses makes the text shorter. */
const MAX_SCANNED_LENGTH = 2_000

const ADDRESS = /[^\s<>"'(),;:]+(?:@|%40)[^\s<>"'(),;:]+/gi
/** A local part may be quoted (RFC 5321, 4.1.2). */
const QUOTED = /"(?:[^"\\\r\n]|\\.){1,64}"@[^\s<>"'(),;:]+/g

/** Returns the text with every address in it replaced. */
export const withoutAddresses = (text: string) =>
  text.replace(QUOTED, '…@…').replace(ADDRESS, '…@…')

/** Returns a reply on one line, at most 500 characters, without addresses: servers repeat them. */
export const redactedReply = (text: string) =>
  withoutAddresses(text.slice(0, MAX_SCANNED_LENGTH).replace(/\p{Cc}+/gu, ' ')).slice(0, MAX_LENGTH)
