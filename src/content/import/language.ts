/** Guesses the language of a text by its most common words. */

const COMMON: Readonly<Record<string, string>> = {
  en: 'the and you of to is that it for with your this are not have what when from',
  de: 'der die das und ist nicht ein eine zu mit sie ich auf für dich dir auch wenn wie du',
  fr: 'le les des et est une pour que vous dans pas qui sur avec ce votre plus nous du',
  es: 'el los las y es una para que con por no se lo tu como más pero del está',
  pt: 'o os as e é uma para que com por não se você seu como mais mas do da em',
  it: 'il gli e è una per che con non di si tuo come più ma della sono del lo anche',
  nl: 'de het en is een niet je van dat voor met zijn op aan ook maar als wat jij',
  pl: 'i w nie na się z do to że jest jak co ale dla twój po tak już czy oraz',
}
const SCRIPTS: readonly (readonly [language: string, letters: RegExp])[] = [
  ['ja', /[\p{sc=Hiragana}\p{sc=Katakana}]/gu],
  ['ar', /\p{sc=Arabic}/gu],
]
/** Fewer words are too few to decide. */
const MIN_WORDS = 12
const KNOWN = new Map(
  Object.entries(COMMON).map(([language, words]) => [language, new Set(words.split(' '))]),
)

/** Returns the language; null if none is clearly ahead of the others. */
export function guessedLanguageOf(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  for (const [language, script] of SCRIPTS)
    if ((text.match(script)?.length ?? 0) > letters / 4) return language
  const words = text.toLowerCase().match(/[\p{L}]+/gu) ?? []
  const ranked = [...KNOWN]
    .map(([language, common]) => ({
      language,
      hits: words.filter((word) => common.has(word)).length,
    }))
    .sort((a, b) => b.hits - a.hits)
  const [first, second] = ranked
  if (!first || !second || words.length < MIN_WORDS) return null
  return first.hits > words.length / 10 && first.hits > second.hits * 1.5 ? first.language : null
}
