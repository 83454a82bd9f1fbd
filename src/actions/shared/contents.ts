/** Contents of mails: that of a row of the ledger, and all those that a series will need. */
import { inspirationOn, lessonById, type Newsletter, type Series } from '../../domain/course.ts'
import { baseItemOf, isAboutReader, isTransactional } from '../../domain/delivery.ts'
import type { Companion, Content, News } from '../../mail/edition.ts'
import type * as stores from '../../store/index.ts'

type SeriesBySlug = ReadonlyMap<string, Series>

type Delivery = Pick<
  stores.deliveries.ClaimedDelivery,
  'kind' | 'series' | 'item' | 'localDate' | 'companion' | 'afterPause' | 'language'
>

/**
 * Returns the contents of the next mails of a series: all lessons of a course, or the inspirations
 * of these days.
 */
export function contentsOf(series: Series, today: Temporal.PlainDate): Content[] {
  const letters: Content[] = [
    { kind: 'confirm', series },
    { kind: 'welcome', series, letter: series.welcome },
  ]
  if (series.kind === 'daily') {
    // In some time zone it is still yesterday, in another already tomorrow.
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

/** Returns a sample letter, which announces its own series as if that were an article. */
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
 * Returns what the mail of a delivery is about; null if its lesson or closing letter is no longer
 * in the course, or no article of its letter still exists. `articles` are those of its letter that
 * still do. Throws if its series does not exist.
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
  const lesson = lessonById(series, baseItemOf(item))
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
