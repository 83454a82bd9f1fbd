/** How series relate: translations, and what is offered with or after one. */
import { isSameLanguage } from '../locales/catalogs.ts'
import type { Course, Daily, Series } from './course.ts'

/** A series or an article, reduced to what relates it to its translations. */
interface Translated {
  readonly slug: string
  readonly language: string
  readonly translations?: readonly string[]
}

/**
 * Returns a text and its translations, at most one per language, sorted by tag. It is enough if one
 * of two names the other, and translations of a translation count.
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

/** Returns the dailies offered with a course and after it; other series have none. */
export const offeredDailies = (series: Series, allSeries: Iterable<Series>): Daily[] =>
  series.kind !== 'course'
    ? []
    : [...allSeries].filter(
        (other): other is Daily =>
          other.kind === 'daily' &&
          (series.offers ? series.offers.includes(other.slug) : hasSameLanguage(series, other)),
      )

/** Returns the courses that can follow a series: its readers can read their language. */
export const coursesAfter = (series: Series, allSeries: Iterable<Series>): Course[] =>
  [...allSeries].filter(
    (other): other is Course =>
      other.kind === 'course' && other !== series && hasSameLanguage(series, other),
  )

const hasSameLanguage = (a: Series, b: Series) => isSameLanguage(a.language, b.language)

/** Returns the series with those of a language before the others. */
export const inLanguageFirst = <S extends Series>(
  allSeries: Iterable<S>,
  language: string,
): S[] => {
  const [matches, rest] = [true, false].map((isMatch) =>
    [...allSeries].filter((series) => isSameLanguage(series.language, language) === isMatch),
  )
  return [...(matches ?? []), ...(rest ?? [])]
}
