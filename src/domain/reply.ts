/** What a server said, as it may be kept and logged. */

/** Longest that is kept. A server can answer with a megabyte. */
const LONGEST = 500
/** Longest that is looked at. Addresses that are left out are replaced by less. */
const LOOKED_AT = 2_000

const ADDRESS = /[^\s<>"'(),;:]+(?:@|%40)[^\s<>"'(),;:]+/gi
/** A local part that may stand in quotes (RFC 5321, 4.1.2). */
const QUOTED = /"(?:[^"\\\r\n]|\\.){1,64}"@[^\s<>"'(),;:]+/g

/** The text with every address in it replaced. */
export const withoutAddresses = (text: string) =>
  text.replace(QUOTED, '…@…').replace(ADDRESS, '…@…')

/** A reply on one line, 500 characters at most, without addresses: servers like to repeat them. */
export const keptReply = (text: string) =>
  withoutAddresses(text.slice(0, LOOKED_AT).replace(/\p{Cc}+/gu, ' ')).slice(0, LONGEST)
