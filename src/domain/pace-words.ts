/** How often a series comes, in words. */
import type { Locale } from '../locales/locale.ts'
import { countsDays, gapBefore, type Series } from './course.ts'
import { WEEKDAYS, type Weekday, weekdaysInWords } from './rhythm.ts'

/**
 * Returns how often a series comes, mentioning gaps of more than a day between lessons. `days` is
 * null if the reader chooses them.
 */
export function seriesPaceInWords(
  series: Series,
  days: readonly Weekday[] | null,
  locale: Locale,
): string {
  if (series.kind === 'letter') {
    const often = locale.t('consent.pace.letter', inUnits(series.every ?? 1))
    return onDays(often, days, locale)
  }
  if (countsDays(series)) return paceInWords(days, locale)
  const gaps = new Set(
    series.kind === 'course'
      ? series.lessons.slice(1).map((lesson) => gapBefore(series, lesson))
      : [],
  )
  const [gap = 1] = gaps
  const pace =
    gaps.size === 1 ? locale.t('consent.pace.every', inUnits(gap)) : locale.t('consent.pace.mixed')
  return onDays(pace, days, locale)
}

const inUnits = (gap: number) =>
  gap % 7 === 0 ? { unit: 'week', count: gap / 7 } : { unit: 'day', count: gap }

function onDays(pace: string, days: readonly Weekday[] | null, locale: Locale): string {
  if (!days) return locale.t('consent.pace.on-chosen', { pace })
  if (days.length === WEEKDAYS.length) return pace
  return locale.t('consent.pace.on', { pace, weekdays: weekdaysInWords(days, locale) })
}

export function paceInWords(days: readonly Weekday[] | null, locale: Locale): string {
  if (!days) return locale.t('consent.pace.chosen')
  if (days.length === WEEKDAYS.length) return locale.t('consent.pace.daily')
  return locale.t('consent.pace.days', { weekdays: weekdaysInWords(days, locale) })
}

/**
 * Returns the days on which a series comes to a reader who has chosen `days`; how often, for a
 * letter or if its author leaves more than a day between lessons.
 */
export const seriesDaysInWords = (
  series: Series,
  days: readonly Weekday[],
  locale: Locale,
): string =>
  series.kind !== 'letter' && countsDays(series)
    ? weekdaysInWords(days, locale)
    : seriesPaceInWords(series, days, locale)
