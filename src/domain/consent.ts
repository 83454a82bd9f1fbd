import type { Locale } from '../locales/locale.ts'
import type { Series } from './course.ts'
import { paceInWords, seriesPaceInWords } from './pace-words.ts'
import { everyDay, type Rhythm, WEEKDAYS, type Weekday } from './rhythm.ts'

/** What somebody agreed to: the words they saw, and their version. */
export interface ConsentRecord {
  /** As shown on the page. */
  readonly wording: string
  /** BCP 47 tag of their language. */
  readonly language: string
  /**
   * Version of that language's forms; each catalog counts its own, as `consent.version`. Raised
   * when forms ask for something else, or in a way that the recorded wording does not show: a
   * changed notice next to it, another order of the boxes.
   */
  readonly version: string
}

/** Returns words that somebody agrees to, as a consent record stores them (standards.md H1). */
export const consentRecordOf = (locale: Locale, wording: string): ConsentRecord => ({
  wording,
  language: locale.language,
  version: locale.t('consent.version'),
})

/**
 * Returns what a person agrees to by enrolling, in the words that the form shows and the record
 * keeps (standards.md H1). `days` are those of the first series; null if the form lets readers
 * choose them. Companions come every day: see `rhythmBeside`.
 */
export function consentWording(
  series: readonly Series[],
  { sender, locale, days = null }: Agreement,
): string {
  const [first, ...companions] = series
  const title = first?.title ?? ''
  const what =
    first?.kind === 'course'
      ? locale.t('consent.lessons', { lessons: first.lessons.length, title })
      : locale.t(first?.kind === 'letter' ? 'consent.letter' : 'consent.daily', { title })
  const also = companions.map(({ title }) =>
    locale.t('consent.also', { title, pace: paceInWords(WEEKDAYS, locale) }),
  )
  const pace = first ? seriesPaceInWords(first, days, locale) : paceInWords(days, locale)
  return locale.t('consent.wording', { sender, what, pace, also: also.join('') })
}

/**
 * Returns the rhythm of one of several series requested together: companions of the first come
 * every day.
 */
export const rhythmBeside = (wanted: Series, { series: [first], rhythm }: RhythmRequest): Rhythm =>
  wanted === first || wanted.kind === 'course' ? rhythm : everyDay(rhythm)

interface Agreement {
  readonly sender: string
  readonly locale: Locale
  readonly days?: readonly Weekday[] | null
}

interface RhythmRequest {
  readonly series: readonly Series[]
  readonly rhythm: Rhythm
}
