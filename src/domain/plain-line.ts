/** A letter may be written as several characters: with its accents behind it. */
const WRITTEN = 4
/**
 * What turns the text around it the other way: a value needs none, and the words of the mail would
 * go with it.
 */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/g
const SEVERAL_LINES = /[\p{Cc}\u2028\u2029]/u
/**
 * What a mail program may turn into a link: `https://…`, `www.…`, `example.com`, `t.me/x`. A letter
 * before its dot is an initial (J.R.), and a dot with a space behind it ends a word (St. John).
 */
const LINK = /:\/\/|www[.。]|[\p{L}\p{N}-]{2,}[.。]\p{L}{2,}|[.。][\p{L}\p{N}-]+[/:?#]/iu

export type LineFault = 'too-long' | 'several-lines' | 'has-link'

/**
 * Reads one line of `most` characters at most that somebody entered, which may be empty; or says
 * what is wrong with it. A stranger can enroll anybody, and what they enter stands in mails: it
 * must not become a mail of their own.
 */
export function readLine(text: string, most: number): { line: string } | { fault: LineFault } {
  // Before it is normalized, which takes time that grows with the square of what a stranger sends.
  if (text.length > WRITTEN * most) return { fault: 'too-long' }
  const line = text.replace(TURNS, '').trim().toWellFormed().normalize('NFC')
  if (line.length > most) return { fault: 'too-long' }
  if (SEVERAL_LINES.test(line)) return { fault: 'several-lines' }
  if (LINK.test(line.normalize('NFKC'))) return { fault: 'has-link' }
  return { line }
}
