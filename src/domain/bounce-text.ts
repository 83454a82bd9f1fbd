/**
 * The words of a server in one plain form, and phrases that are looked for in them. A phrase is
 * written as one reads it. `…` in it stands for a few words of the same sentence, or for none; `*`
 * at the end of a word for any ending.
 */

/** Longest that is looked at, unless told otherwise: a reason stands at the beginning. */
const LONGEST = 2_000
/** Words that `…` may stand for. */
const GAP = 8

const ADDRESS = /["'<([]*[^\s<>"'(),;:[\]]+@[^\s<>"'(),;:[\]]+["'>)\]]*/g
/** Names of hosts say nothing of the reason: `mx.antispam.example said: user unknown`. */
const HOST =
  /(?<![\w.:/-])(?!(?:resolver|storedrv|smtpsend|routing|dns|queue)\.)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}(?=[\s,;:)\]'"/[(]|\.?$|\.\s)/g
/** But for those of blocklists. */
const BLOCKLIST =
  /spamhaus|spamcop|barracuda|sorbs|spamrats|uceprotect|invaluement|mailspike|abuseat|dnsbl|rbl\b/
const CODE = /(?<![\d.])[2345](?:\d\d|\.\d{1,3}\.\d{1,3})(?![\d.]*\d)[- ]?/g
const ACCENTS = /[\u0300-\u036f]/g
const END_OF_SENTENCE = /[.!?;](?=\s|$)|[。！？]/g

/** Words of a text; `|` between sentences. */
export interface Plain {
  readonly text: string
  readonly words: readonly string[]
}

/** In lower case, without accents, addresses, names of hosts and codes. */
export function plainWords(text: string, longest = LONGEST): Plain {
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

/** A word of a phrase: itself, or all that begins so. */
interface Word {
  readonly text: string
  readonly isBeginning: boolean
}
/** Words that follow each other; between two runs is a gap. */
type Run = readonly Word[]
type Phrase = readonly Run[]

/** Writing without spaces between words: looked for as it stands. */
const WITHOUT_SPACES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u

/** Of a list of phrases, parted by ` / ` or lines; a line that begins with `#` is a heading. */
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
      const { words } = plainWords(word)
      const isBeginning = word.endsWith('*')
      return words.map((part, at) => ({
        text: part,
        isBeginning: isBeginning && at === words.length - 1,
      }))
    })

/** Phrases by the words that they begin with. */
interface Index {
  readonly within: readonly string[]
  readonly byFirst: ReadonlyMap<string, readonly Phrase[]>
  readonly byBeginning: readonly Phrase[]
}

/** Whether one of the listed phrases stands in a text. Takes time in proportion to the text. */
export function anyOf(...lists: readonly string[]): (plain: Plain) => boolean {
  // Made when a text is first read: some thousand words take 40 ms, and most commands read none.
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
    .map((phrase) => plainWords(phrase).text)
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

const isIn = ({ text, words }: Plain, { within, byFirst, byBeginning }: Index) =>
  within.some((phrase) => text.includes(phrase)) ||
  words.some(
    (word, at) =>
      byFirst.get(word)?.some((phrase) => stands(phrase, words, at)) ||
      byBeginning.some((phrase) => stands(phrase, words, at)),
  )

function stands([run, ...rest]: Phrase, words: readonly string[], from: number): boolean {
  if (!run) return true
  const isHere = run.every(({ text, isBeginning }, at) => {
    const word = words[from + at]
    return word === text || (isBeginning && word?.startsWith(text))
  })
  if (!isHere) return false
  if (rest.length === 0) return true
  for (let at = from + run.length; at <= from + run.length + GAP; at++) {
    if (stands(rest, words, at)) return true
    if (at >= words.length || words[at] === '|') return false
  }
  return false
}
