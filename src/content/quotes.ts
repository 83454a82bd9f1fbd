/**
 * The quotation marks of a language, for those that an author types on the keyboard. From the
 * Unicode CLDR (delimiters, release 45), except where print has another habit: Spain, Switzerland,
 * and the Netherlands, whose two kinds stand the other way about there.
 */

/** What opens and what closes a quotation, and the same for one within another. */
export type Quotes = readonly [open: string, close: string, openInner: string, closeInner: string]

/** A tag with a `*` stands for every other region. */
const TABLE: readonly (readonly [languages: string, quotes: Quotes])[] = [
  [
    'af az bn cy da en es-* fil ga gd gl gu hi id ig jv km kn ko lo lv ml mn mr ms my ne nl or pa ps pt si so sw ta te th tr uz vi yo zh zu',
    ['“', '”', '‘', '’'],
  ],
  ['cs de dsb et hr hsb is mk sk sl', ['„', '“', '‚', '‘']],
  ['bg lt', ['„', '“', '„', '“']],
  ['sr', ['„', '“', '‘', '‘']],
  ['bs', ['„', '”', '‘', '’']],
  ['hu', ['„', '”', '»', '«']],
  ['pl ro', ['„', '”', '«', '»']],
  ['ka', ['„', '“', '«', '»']],
  ['fi sv', ['”', '”', '’', '’']],
  // French sets the marks apart from the words, by a space at which no line is broken.
  ['fr', ['«\u202F', '\u202F»', '“', '”']],
  ['fr-CH', ['«\u202F', '\u202F»', '‹\u202F', '\u202F›']],
  ['hy', ['«', '»', '«', '»']],
  ['de-CH de-LI it-CH am fa', ['«', '»', '‹', '›']],
  ['ca el es es-ES eu it kk pt-AO pt-MZ pt-PT sq', ['«', '»', '“', '”']],
  ['nb nn no', ['«', '»', '‘', '’']],
  ['be ky ru uk', ['«', '»', '„', '“']],
  ['he', ['”', '”', '’', '’']],
  ['ar ur', ['”', '“', '’', '‘']],
  ['ja yue zh-Hant', ['「', '」', '『', '』']],
]

const BY_TAG = new Map(
  TABLE.flatMap(([tags, quotes]) => tags.split(' ').map((tag) => [tag, quotes])),
)

/** Null for a language that is not in the table: its quotes stay as they are typed. */
export function quotesOf(language: string): Quotes | null {
  const known = Intl.getCanonicalLocales(isLanguage(language) ? language : [])[0]
  if (!known) return null
  const { language: base, script, region } = new Intl.Locale(known)
  const traditional = script ?? new Intl.Locale(known).maximize().script
  const tags = [
    `${base}-${traditional}`,
    ...(region ? [`${base}-${region}`, `${base}-*`] : []),
    base,
  ]
  for (const tag of tags) {
    const quotes = BY_TAG.get(tag)
    if (quotes) return quotes
  }
  return null
}

/** Whether it is a well-formed tag of BCP 47 (RFC 5646): one that dates can be written in. */
export function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
