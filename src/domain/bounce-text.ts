/**
 * The words of a server in one plain form, and phrases that are looked for in them. A phrase is
 * written as one reads it; `…` in it stands for a few words of the same sentence, or for none.
 */

/** Longest that is looked at: a reason stands at the beginning. */
const LONGEST = 2_000
/** Of a sentence, what `…` may stand for. */
const GAP = 60

const ADDRESS = /["'<([]*[^\s<>"'(),;:[\]]+@[^\s<>"'(),;:[\]]+["'>)\]]*/g
/** Names of hosts say nothing of the reason: `mx.antispam.example said: user unknown`. */
const HOST =
  /(?<![\w.:/-])(?!(?:resolver|storedrv|smtpsend|routing|dns|queue)\.)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?=[\s,;:)\]'"/[(]|\.?$|\.\s)/g
const BLOCKLIST =
  /spamhaus|spamcop|barracuda|sorbs|spamrats|uceprotect|invaluement|mailspike|abuseat|dnsbl|rbl\b/
const CODE = /(?<![\d.])[2345](?:\d\d|\.\d{1,3}\.\d{1,3})(?![\d.]*\d)[- ]?/g
const MARKS = /[\u0300-\u036f]/g

/**
 * In lower case, without accents, addresses, names of hosts and codes; words are parted by one
 * space, sentences by ` | `.
 */
export const plainWords = (text: string) =>
  text
    .slice(0, LONGEST)
    .normalize('NFKC')
    .toLowerCase()
    .replace(ADDRESS, ' ')
    .replace(HOST, (host) => (BLOCKLIST.test(host) ? ` ${host.replace(/\./g, ' ')} ` : ' '))
    .replace(CODE, ' ')
    .replace(/[\u2018\u2019\u00b4`]/g, "'")
    .replace(/\bcan(?:'t|not)\b/g, 'can not')
    .replace(/\b(do|does|did|is|are|was|could|would|should|has|have)n'?t\b/g, '$1 not')
    .normalize('NFD')
    .replace(MARKS, '')
    .normalize('NFC')
    .replace(/\be-mail/g, 'email')
    .replace(/\bmail box/g, 'mailbox')
    .replace(/[.!?;。！？](?=\s|$)|[。]/g, ' | ')
    .replace(/[^\p{L}\p{N}\p{M}|]+/gu, ' ')
    .replace(/(?: \|)+(?= |$)/g, ' |')
    .replace(/\s+/g, ' ')
    .trim()

const LETTER_FIRST = /^[\p{Script=Latin}\p{Script=Cyrillic}\d]/u
const BEFORE = '(?<![\\p{L}\\d])'
const AFTER = '(?![\\p{L}\\d])'
const LETTER_LAST = /[\p{Script=Latin}\p{Script=Cyrillic}\d]$/u

/** Of a list of phrases, parted by ` / ` or lines; a line that begins with `#` is a heading. */
const listed = (list: string) =>
  list
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => line.split(' / '))
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '')

function source(phrase: string): string {
  const plain = phrase.split('…').map(plainWords)
  const first = plain[0] ?? ''
  const last = plain.at(-1) ?? ''
  const words = plain.join(`(?: [^|]{0,${GAP}}?)? `)
  return `${LETTER_FIRST.test(first) ? BEFORE : ''}${words}${LETTER_LAST.test(last) ? AFTER : ''}`
}

/** Matches plain words (`plainWords`) in which one of the listed phrases stands. */
export const anyOf = (...lists: readonly string[]) =>
  new RegExp(lists.flatMap(listed).map(source).join('|'), 'u')
