/** What a mail is about: of a row of the ledger, and of all that a series will be made into. */
import { inspirationOn, lessonBy, type Newsletter, type Series } from '../../domain/course.ts'
import { isAboutReader, isTransactional, itemOf } from '../../domain/delivery.ts'
import type { Companion, Content, News } from '../../mail/edition.ts'
import type * as stores from '../../store/index.ts'

type SeriesBySlug = ReadonlyMap<string, Series>

type Delivery = Pick<
  stores.deliveries.Claimed,
  'kind' | 'series' | 'item' | 'localDate' | 'companion' | 'afterPause' | 'language'
>

/**
 * What a series will be made into next: all lessons of a course, the inspirations of these days.
 */
export function contentsOf(series: Series, today: Temporal.PlainDate): Content[] {
  const letters: Content[] = [
    { kind: 'confirm', series },
    { kind: 'welcome', series, letter: series.welcome },
  ]
  if (series.kind === 'daily') {
    // Somewhere it is yesterday, and somewhere tomorrow.
    const dates = [-1, 0, 1].map((days) => today.add({ days }))
    const pages = dates.map((date): Content => {
      return { kind: 'inspiration', series, inspiration: inspirationOn(series, date) }
    })
    return [...letters, ...pages]
  }
  if (series.kind === 'letter') return [...letters, sampleLetter(series)]
  const lessons = series.lessons.map(
    (lesson): Content => ({ kind: 'lesson', series, lesson, companion: null }),
  )
  const { completion } = series
  const ending: Content[] = completion ? [{ kind: 'completion', series, letter: completion }] : []
  return [...letters, ...lessons, ...ending]
}

/** A letter as it could be: it tells of its own series, as if that were an article. */
export const sampleLetter = (series: Newsletter): Content => ({
  kind: 'letter',
  series,
  articles: [
    {
      slug: 'a-first-article',
      title: series.title,
      author: series.author,
      date: Temporal.PlainDate.from('2026-11-29'),
      summary: series.summary,
      minutes: 4,
    },
  ],
})

/**
 * What the mail of a delivery is about; null when its lesson, or its closing letter, is in the
 * course no more, or no article of its letter is there any more. `articles`: those of the letter in
 * it that are there still. Throws when its series is not.
 */
export function contentOf(
  delivery: Delivery,
  seriesBySlug: SeriesBySlug,
  articles: News,
): Content | null {
  const { kind, series: slug, item, localDate, companion, afterPause, language } = delivery
  const series = seriesBySlug.get(slug)
  if (!series) throw new RangeError(`there is no series ${slug}`)
  if (isAboutReader(kind) && language !== null) return { kind, series, language }
  if (isTransactional(kind)) return { kind, series }
  if (kind === 'welcome') return { kind, series, letter: series.welcome }
  if (series.kind === 'daily')
    return {
      kind: 'inspiration',
      series,
      inspiration: inspirationOn(series, localDate),
      afterPause,
    }
  if (series.kind === 'letter')
    return articles.length > 0 ? { kind: 'letter', series, articles, afterPause } : null
  if (kind === 'completion') return series.completion && { kind, series, letter: series.completion }
  const lesson = lessonBy(series, itemOf(item))
  const companionContent = companion && companionContentOf(companion, seriesBySlug, articles)
  return lesson ? { kind: 'lesson', series, lesson, companion: companionContent, afterPause } : null
}

function companionContentOf(
  { series: slug, localDate }: stores.deliveries.ClaimedCompanion,
  seriesBySlug: SeriesBySlug,
  articles: News,
): Companion | null {
  const series = seriesBySlug.get(slug)
  if (series?.kind === 'letter') return articles.length > 0 ? { series, articles } : null
  if (series?.kind !== 'daily') throw new RangeError(`there is no daily ${slug}`)
  return { series, inspiration: inspirationOn(series, localDate) }
}
