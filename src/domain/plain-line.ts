/** Code units that a letter may take, with the accents that follow it. */
const MAX_UNITS_PER_CHARACTER = 4
/**
 * Characters that reverse the direction of the text around them: a value needs none, and they would
 * affect the words of the mail.
 */
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g
const SEVERAL_LINES = /[\p{Cc}\u2028\u2029]/u
/**
 * What a mail program may turn into a link: `https://…`, `www.…`, `example.com`, `t.me/x`. A single
 * letter before the dot is an initial (J.R.), and a dot followed by a space ends a word (St. John).
 */
const LINK = /:\/\/|www[.。]|[\p{L}\p{N}-]{2,}[.。]\p{L}{2,}|[.。][\p{L}\p{N}-]+[/:?#]/iu

export type LineFault = 'too-long' | 'several-lines' | 'has-link'

/**
 * Reads one line of at most `most` characters, which may be empty, or returns what is wrong with
 * it. A stranger can enroll anybody, and what they enter appears in mails: it must not become a
 * message of their own.
 */
export function readLine(text: string, most: number): { line: string } | { fault: LineFault } {
  // Before normalizing, which takes time quadratic in the length of untrusted input.
  if (text.length > MAX_UNITS_PER_CHARACTER * most) return { fault: 'too-long' }
  const line = text.replace(BIDI_CONTROLS, '').trim().toWellFormed().normalize('NFC')
  if (line.length > most) return { fault: 'too-long' }
  if (SEVERAL_LINES.test(line)) return { fault: 'several-lines' }
  if (LINK.test(line.normalize('NFKC'))) return { fault: 'has-link' }
  return { line }
}
