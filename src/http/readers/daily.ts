/**
 * Daily inspirations on the web: today's, those of past dates, and a feed of the newest (RFC 4287).
 */

import { type Context, type Env, Hono } from 'hono'
import { type Daily, LISTED_DAYS } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import { inLanguageFirst } from '../../domain/relations.ts'
import { parseDate } from '../../domain/rhythm.ts'
import { dateIn } from '../../domain/time.ts'
import { localeOf, useLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import type { VisitorSite } from '../shared/site.ts'
import { dateWords, dayWords } from '../shared/when.ts'

/** No daily is older, and no link leads to earlier dates. */
const EARLIEST_DATE = Temporal.PlainDate.from('2000-01-01')

export function dailyPages(app: VisitorSite, pages: Pages) {
  const dailies = () => [...app.series.values()].filter((candidate) => candidate.kind === 'daily')
  const find = (c: Context<Env, '/daily/:slug/:rest?'>): Daily => {
    const slug = c.req.param('slug')
    const daily = dailies().find((candidate) => candidate.slug === slug)
    if (!daily) throw new Problem('not_found', 'daily.not-found')
    useLanguage(c, daily, app)
    return daily
  }
  const today = () => dateIn('UTC', app.now())
  const newest = (daily: Daily, days: number) =>
    app.visitor.shownOf(daily, { from: today().subtract({ days }), to: today() })

  const page = async (c: Context, daily: Daily, on: Temporal.PlainDate) => {
    const locale = localeOf(c)
    const { slug, title: name, language } = daily
    const [inspiration] = await app.visitor.shownOf(daily, { from: on, to: on })
    const earlier = (await newest(daily, LISTED_DAYS)).filter(
      (inspiration) => !inspiration.on.equals(on),
    )
    const isToday = on.equals(today())
    return pages(c, 'daily', {
      slug,
      name,
      language,
      isToday,
      hasArticles: app.articles.all().length > 0,
      heading: inspiration?.title,
      html: inspiration?.html,
      on: on.year === today().year ? dayWords(on, locale) : dateWords(on, locale),
      past: earlier.map((inspiration) => ({
        date: dayWords(inspiration.on, locale),
        title: inspiration.title,
      })),
    })
  }

  return new Hono()
    .get('/daily', (c) => {
      const [first] = inLanguageFirst(dailies(), localeOf(c).language)
      if (!first) throw new Problem('not_found', 'daily.none')
      return c.redirect(`/daily/${first.slug}`)
    })
    .get('/daily/:slug', async (c) => c.html(await page(c, find(c), today())))
    .get('/daily/:slug/feed', async (c) => {
      const daily = find(c)
      const { slug, title, summary, author, language } = daily
      const inspirations = await newest(daily, LISTED_DAYS - 1)
      const entries = inspirations.map(({ on, updatedAt, ...text }) => ({
        ...text,
        on: String(on),
        published: `${on}T00:00:00Z`,
        updated: String(updatedAt),
      }))
      const updated = entries
        .map((entry) => entry.updated)
        .sort()
        .at(-1)
      const feed = pages(c, 'daily-feed', {
        slug,
        title,
        summary,
        author,
        language,
        url: app.siteUrl,
        updated,
        entries,
      })
      return c.body(feed, 200, { 'Content-Type': 'application/atom+xml; charset=utf-8' })
    })
    .get('/daily/:slug/:date', async (c) => {
      const daily = find(c)
      const date = parseDate(c.req.param('date'))
      const isPast = date && Temporal.PlainDate.compare(date, today()) <= 0
      if (!isPast || Temporal.PlainDate.compare(date, EARLIEST_DATE) < 0)
        throw new Problem('not_found', 'daily.not-shown')
      return c.html(await page(c, daily, date))
    })
}
