import type { Message } from '../locales/locale.ts'

const MAX = 80
const TOO_LONG: Message = { key: 'form.name.too-long', params: { most: MAX } }
/** A letter may be written as several characters: with its accents behind it. */
const WRITTEN = 4
/**
 * What turns the text around it the other way: a name needs none, and the words of the mail would
 * go with it.
 */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/g
const SEVERAL_LINES = /[\p{Cc}\u2028\u2029]/u
/**
 * What a mail program may turn into a link: `https://…`, `www.…`, `example.com`, `t.me/x`. A letter
 * before its dot is an initial (J.R.), and a dot with a space behind it ends a word (St. John).
 */
const LINK = /:\/\/|www[.。]|[\p{L}\p{N}-]{2,}[.。]\p{L}{2,}|[.。][\p{L}\p{N}-]+[/:?#]/iu

/**
 * Reads a first name, which may be empty; or says what is wrong with it. A stranger can enroll
 * anybody, and the name they enter stands in the mail to confirm: it must not become a mail of
 * their own.
 */
export function readFirstName(text: string): { firstName: string } | { fault: Message } {
  // Before it is normalized, which takes time that grows with the square of what a stranger sends.
  if (text.length > WRITTEN * MAX) return { fault: TOO_LONG }
  const firstName = text.replace(TURNS, '').trim().normalize('NFC')
  if (firstName.length > MAX) return { fault: TOO_LONG }
  if (SEVERAL_LINES.test(firstName)) return { fault: { key: 'form.name.several-lines' } }
  if (LINK.test(firstName.normalize('NFKC'))) return { fault: { key: 'form.name.has-link' } }
  return { firstName }
}
