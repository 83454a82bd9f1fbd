/**
 * Normalizes a server's words and finds phrases in them. A phrase is written as it is read: `…`
 * stands for a few words of the same sentence or none, `*` at the end of a word for any ending.
 */

/** Most characters examined unless the caller sets another limit: the reason comes early. */
const MAX_SCANNED_LENGTH = 2_000
/** Most words that `…` may stand for. */
const MAX_GAP_WORDS = 8

const ADDRESS = /["'<([]*[^\s<>"'(),;:[\]]+@[^\s<>"'(),;:[\]]+["'>)\]]*/g
/** Host names say nothing about the reason: `mx.antispam.example said: user unknown`. */
const HOST =
  /(?<![\w.:/-])(?!(?:resolver|storedrv|smtpsend|routing|dns|queue)\.)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?=[\s,;:)\]'"/[(]|\.?$|\.\s)/g
/** Except the names of blocklists. */
const BLOCKLIST =
  /spamhaus|spamcop|barracuda|sorbs|spamrats|uceprotect|invaluement|mailspike|abuseat|dnsbl|rbl\b/
const CODE = /(?<![\d.])[2345](?:\d\d|\.\d{1,3}\.\d{1,3})(?![\d.]*\d)[- ]?/g
const ACCENTS = /[\u0300-\u036f]/g
const END_OF_SENTENCE = /[.!?;](?=\s|$)|[。！？]/g

/** Normalized words of a text; `|` separates sentences. */
export interface NormalizedText {
  readonly text: string
  readonly words: readonly string[]
}

/** Normalizes a text: lower case, without accents, addresses, host names and codes. */
export function normalizeText(text: string, longest = MAX_SCANNED_LENGTH): NormalizedText {
  const plain = text
    .slice(0, longest)
    .normalize('NFKC')
    .toLowerCase()
    .replace(ADDRESS, ' ')
    .replace(HOST, (host) => (BLOCKLIST.test(host) ? ` ${host.replace(/\./g, ' ')} ` : ' '))
    .replace(CODE, ' ')
    .replace(/[\u2018\u2019\u00b4`]/g, "'")
    .replace(/\bcan(?:'t|not)\b/g, 'can not')
    .replace(/\b(do|does|did|is|are|was|were|could|would|should|has|have)n'?t\b/g, '$1 not')
    .normalize('NFD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .replace(/\be-mail/g, 'email')
    .replace(/\bmail box/g, 'mailbox')
    .replace(END_OF_SENTENCE, ' | ')
    .replace(/[^\p{L}\p{N}\p{M}|]+/gu, ' ')
    .trim()
  return { text: plain, words: plain.split(' ') }
}

/** A word of a phrase: matches itself, or every word that begins with it. */
interface Word {
  readonly text: string
  readonly isBeginning: boolean
}
/** Consecutive words; a gap separates two runs. */
type Run = readonly Word[]
type Phrase = readonly Run[]

/** Scripts without spaces between words: their phrases are matched as substrings. */
const WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/**
 * Returns the phrases of a list, separated by ` / ` or line breaks; a line that begins with `#` is
 * a heading.
 */
const listed = (list: string) =>
  list
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .flatMap((line) => line.split(' / '))
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== '')

const runOf = (text: string): Run =>
  text
    .trim()
    .split(/\s+/)
    .flatMap((word) => {
      const { words } = normalizeText(word)
      const isBeginning = word.endsWith('*')
      return words.map((part, at) => ({
        text: part,
        isBeginning: isBeginning && at === words.length - 1,
      }))
    })

/** Phrases by their first words. */
interface Index {
  readonly within: readonly string[]
  readonly byFirst: ReadonlyMap<string, readonly Phrase[]>
  readonly byBeginning: readonly Phrase[]
}

/**
 * Returns a test for whether a text contains one of the listed phrases. It takes time linear in the
 * length of the text.
 */
export function phraseMatcher(...lists: readonly string[]): (plain: NormalizedText) => boolean {
  // Built on first use: some thousand words take 40 ms, and most commands read none.
  let index: Index | undefined
  return (plain) => {
    index ??= indexOf(lists)
    return isIn(plain, index)
  }
}

function indexOf(lists: readonly string[]): Index {
  const phrases = lists.flatMap(listed)
  const within = phrases
    .filter((phrase) => WITHOUT_SPACES.test(phrase))
    .map((phrase) => normalizeText(phrase).text)
  const byFirst = new Map<string, Phrase[]>()
  const byBeginning: Phrase[] = []
  for (const phrase of phrases.filter((text) => !WITHOUT_SPACES.test(text))) {
    const runs = phrase.split('…').map(runOf)
    const first = runs[0]?.[0]
    if (!first) continue
    if (first.isBeginning) byBeginning.push(runs)
    else byFirst.set(first.text, [...(byFirst.get(first.text) ?? []), runs])
  }
  return { within, byFirst, byBeginning }
}

const isIn = ({ text, words }: NormalizedText, { within, byFirst, byBeginning }: Index) =>
  within.some((phrase) => text.includes(phrase)) ||
  words.some(
    (word, at) =>
      byFirst.get(word)?.some((phrase) => matchesAt(phrase, words, at)) ||
      byBeginning.some((phrase) => matchesAt(phrase, words, at)),
  )

function matchesAt([run, ...rest]: Phrase, words: readonly string[], from: number): boolean {
  if (!run) return true
  const isHere = run.every(({ text, isBeginning }, at) => {
    const word = words[from + at]
    return word === text || (isBeginning && word?.startsWith(text))
  })
  if (!isHere) return false
  if (rest.length === 0) return true
  for (let at = from + run.length; at <= from + run.length + MAX_GAP_WORDS; at++) {
    if (matchesAt(rest, words, at)) return true
    if (at >= words.length || words[at] === '|') return false
  }
  return false
}
