/** What is new in the reading room, for readers who get it in a letter. */
import type { LiveArticle } from '../../domain/article.ts'
import type { Series } from '../../domain/course.ts'
import { baseItemOf } from '../../domain/delivery.ts'
import type { News, PlanningState } from '../../domain/plan.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

type Delivery = Pick<
  stores.deliveries.ClaimedDelivery,
  'kind' | 'series' | 'enrollmentId' | 'item' | 'companion'
>

/** The articles that visitors see, as known to this process. */
export interface ArticleLookup {
  /** Finds one by its current or an earlier slug. */
  readonly named: (slug: string) => LiveArticle | undefined
  /** Articles of a language that were published after an instant. */
  readonly since: (at: Temporal.Instant, language: string) => readonly LiveArticle[]
  /** Loads what has become live since, here or in another process. */
  readonly refresh: () => Promise<void>
}

export interface Deps {
  readonly series: ReadonlyMap<string, Series>
  readonly stores: { readonly letters: Pick<typeof stores.letters, 'places'> }
  readonly articles: Pick<ArticleLookup, 'since'>
}

interface Rows<R> {
  readonly rows: readonly R[]
  readonly now: Temporal.Instant
}

/** Returns these enrollments, with the news for those in a letter. Makes no query if none is. */
export async function withNews<R extends { readonly id: string; readonly series: string }>(
  db: Db,
  { rows, now }: Rows<R>,
  { series, stores, articles }: Deps,
): Promise<readonly (R & Pick<PlanningState, 'news' | 'lastOn'>)[]> {
  const letterOf = (row: R) => {
    const known = series.get(row.series)
    return known?.kind === 'letter' ? known : undefined
  }
  const ids = rows.filter(letterOf).map(({ id }) => id)
  if (ids.length === 0) return rows
  const places = await stores.letters.places(db, ids, now)
  const byId = new Map(places.map((place) => [place.id, place]))
  const published = new Map<string, News['articles']>()
  return rows.map((row) => {
    const letter = letterOf(row)
    const place = byId.get(row.id)
    if (!letter || !place) return row
    const { language } = letter
    const known = published.get(language) ?? inOrder(articles.since(BEGINNING, language))
    published.set(language, known)
    const { since, lastOn } = place
    return { ...row, lastOn, news: { since, articles: known } }
  })
}

const BEGINNING = Temporal.Instant.fromEpochMilliseconds(0)

const inOrder = (articles: readonly LiveArticle[]) =>
  articles.toReversed().sort((a, b) => Temporal.Instant.compare(a.publishedAt, b.publishedAt))

export interface AnnouncementDeps {
  readonly db: Db
  readonly series: ReadonlyMap<string, Series>
  readonly stores: { readonly letters: Pick<typeof stores.letters, 'toldIn'> }
  readonly articles: ArticleLookup
}

/**
 * Returns the articles of the letter in a mail that still exist. The letter may be the mail itself,
 * or the companion of a lesson. Makes no query if there is no letter.
 */
export async function articlesAnnouncedBy(
  { kind, series: slug, enrollmentId, item, companion }: Delivery,
  { db, series, stores, articles }: AnnouncementDeps,
): Promise<readonly LiveArticle[]> {
  const isLetter = (name: string) => series.get(name)?.kind === 'letter'
  const letter =
    companion && isLetter(companion.series)
      ? { enrollmentId: companion.enrollmentId, item: String(companion.localDate) }
      : (kind === 'letter' || kind === 'again') && isLetter(slug)
        ? { enrollmentId, item: baseItemOf(item) }
        : null
  if (!letter) return NO_ARTICLES
  const slugs = await stores.letters.toldIn(db, letter)
  // One of them may be newer than what this process knows.
  if (slugs.some((name) => !articles.named(name))) await articles.refresh()
  return [...new Set(slugs.flatMap((name) => articles.named(name) ?? []))]
}

const NO_ARTICLES: readonly LiveArticle[] = []
