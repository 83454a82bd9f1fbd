/**
 * Quotation marks by language, for those typed on a keyboard. From the Unicode CLDR (delimiters,
 * release 45), except where print differs: Spain, Switzerland, and the Netherlands, where the two
 * kinds are swapped.
 */

/** Marks that open and close a quotation, and those for a quotation within another. */
export type Quotes = readonly [open: string, close: string, openInner: string, closeInner: string]

/** A tag with `*` covers every other region. */
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
  // French separates the marks from the words by a non-breaking space.
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

/**
 * Returns the quotation marks of a language; null if it is not in the table: its quotes stay as
 * typed.
 */
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

/** Returns whether it is a well-formed BCP 47 tag (RFC 5646), usable for formatting dates. */
export function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
