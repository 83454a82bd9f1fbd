/**
 * The part of an address before the @ (RFC 5321, 4.1.2; RFC 6531, 3.3): a dot-string, or a quoted
 * string, in any script.
 */

/** What is wrong with it; `character` is the one that is not allowed there. */
export type LocalPartFault =
  | { readonly fault: 'no-local' | 'dots' | 'dot-first' | 'dot-last' | 'space' | 'unseen' }
  | { readonly fault: 'character'; readonly character: string }

/** Characters of an ASCII atom (RFC 5322, 3.2.3). */
const ATEXT = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]/
/** A quoted string; quotes and backslashes in it follow a backslash. */
const QUOTED = /^"((?:[^"\\]|\\[\x20-\x7e])*)"$/
/** Characters that no address needs, and that a program along the way could misread. */
const NEVER_QUOTED = /[<>@]/
/** Characters that are invisible, or have no meaning that all agree on. */
const UNSEEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u
/** Characters that separate addresses and their parts (RFC 5322, 3.2.3), and the space. */
const SPECIAL = /[\0-\x20"(),.:;<>@[\\\]\x7f]/

/**
 * Returns it in its shortest form, quoted only if necessary, or what is wrong with it. Expects NFC.
 */
export function readLocalPart(text: string): { readonly local: string } | LocalPartFault {
  if (text === '') return { fault: 'no-local' }
  const [, quoted] = QUOTED.exec(text) ?? []
  return quoted === undefined ? readDotString(text) : readQuoted(quoted.replace(/\\(.)/g, '$1'))
}

function readDotString(text: string): { readonly local: string } | LocalPartFault {
  if (/\s/u.test(text)) return { fault: 'space' }
  if (text.startsWith('.')) return { fault: 'dot-first' }
  if (text.endsWith('.')) return { fault: 'dot-last' }
  if (text.includes('..')) return { fault: 'dots' }
  return text.split('.').map(faultOfAtom).find(Boolean) ?? { local: text }
}

function readQuoted(content: string): { readonly local: string } | LocalPartFault {
  if (content === '') return { fault: 'no-local' }
  const never = NEVER_QUOTED.exec(content)
  if (never) return { fault: 'character', character: never[0] }
  const strange = faultOfAtom(content.replace(/[ -~]/g, 'x'))
  if (strange) return strange
  const plain = readDotString(content)
  return 'local' in plain ? plain : { local: `"${content.replace(/["\\]/g, '\\$&')}"` }
}

function faultOfAtom(atom: string): LocalPartFault | undefined {
  const characters = [...atom]
  const strange = characters.find(
    (character, at) => !isText(character) || (at === 0 && /\p{M}/u.test(character)),
  )
  if (strange === undefined) return
  return UNSEEN.test(strange) ? { fault: 'unseen' } : { fault: 'character', character: strange }
}

/**
 * Outside ASCII, every visible character is allowed, except one that could become a special
 * character or a space on the way, as ＠ does (NFKC).
 */
function isText(character: string): boolean {
  if (character <= '\x7f') return ATEXT.test(character)
  return !UNSEEN.test(character) && !SPECIAL.test(character.normalize('NFKC'))
}
