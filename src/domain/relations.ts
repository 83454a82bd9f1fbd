/** What series are to each other: translations, and what is offered beside or after one. */
import { areOfOneLanguage } from '../locales/catalogs.ts'
import type { Course, Daily, Series } from './course.ts'

/** A series or an article, as far as it is the same as another one. */
interface Translated {
  readonly slug: string
  readonly language: string
  readonly translations?: readonly string[]
}

/**
 * A text and those that are the same in other languages, in the order of their tags. Whoever names
 * one is named by it, too, and by all that it is a translation of.
 */
export function translationsOf<T extends Translated>(text: T, texts: Iterable<T>): T[] {
  const every = [...texts]
  const found = new Set([text])
  const areTranslations = (a: T, b: T) =>
    (a.translations ?? []).includes(b.slug) || (b.translations ?? []).includes(a.slug)
  for (const known of found)
    for (const other of every) {
      if (!areTranslations(known, other)) continue
      const isKnown = [...found].some(({ language }) => language === other.language)
      if (!isKnown) found.add(other)
    }
  return [...found].toSorted((a, b) => (a.language < b.language ? -1 : 1))
}

/** The dailies that are offered beside a course and after it; nothing else comes with any. */
export const dailiesBeside = (series: Series, allSeries: Iterable<Series>): Daily[] =>
  series.kind !== 'course'
    ? []
    : [...allSeries].filter(
        (other): other is Daily =>
          other.kind === 'daily' &&
          (series.offers ? series.offers.includes(other.slug) : speakAlike(series, other)),
      )

/** The courses that can follow a series: whoever read the one can read the other. */
export const coursesAfter = (series: Series, allSeries: Iterable<Series>): Course[] =>
  [...allSeries].filter(
    (other): other is Course =>
      other.kind === 'course' && other !== series && speakAlike(series, other),
  )

const speakAlike = (a: Series, b: Series) => areOfOneLanguage(a.language, b.language)

/** The same series with those of a language before the others. */
export const inLanguageFirst = <S extends Series>(
  allSeries: Iterable<S>,
  language: string,
): S[] => {
  const [matches, rest] = [true, false].map((isMatch) =>
    [...allSeries].filter((series) => areOfOneLanguage(series.language, language) === isMatch),
  )
  return [...(matches ?? []), ...(rest ?? [])]
}
