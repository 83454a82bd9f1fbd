/** The daily inspirations on the web: today's, those of the past month, and a feed of them (RFC 4287). */
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { type Daily, inspirationOn } from '../domain/course.ts'
import { directionOf } from '../domain/direction.ts'
import { Problem } from '../domain/problem.ts'
import { dateOf } from '../domain/rhythm.ts'
import { dateIn } from '../domain/time.ts'
import type { Pages } from './pages.ts'
import { dayWords } from './when.ts'

/** Past dates that are shown; what is to come is not. */
const SHOWN = 30
const GONE = `The inspirations of the past ${SHOWN} days can be read here, and no others.`

export function dailyPages(app: App, pages: Pages) {
  const dailies = () => [...app.series.values()].filter((one) => one.kind === 'daily')
  const find = (slug: string): Daily => {
    const daily = dailies().find((one) => one.slug === slug)
    if (!daily) throw new Problem('not_found', 'There is no such daily here.')
    return daily
  }
  const today = () => dateIn('UTC', app.now())
  const dates = () => Array.from({ length: SHOWN + 1 }, (_, days) => today().subtract({ days }))

  const page = (daily: Daily, on: Temporal.PlainDate) => {
    const others = dates().filter((date) => !date.equals(on))
    return pages('daily', {
      ...{ title: daily.title, slug: daily.slug, language: daily.language },
      dir: directionOf(daily.language).direction,
      ...{ isToday: on.equals(today()), on: dayWords(on), ...inspirationOn(daily, on) },
      heading: inspirationOn(daily, on).title,
      past: others.map((date) => ({ date: dayWords(date), title: inspirationOn(daily, date).title })),
    })
  }

  return new Hono()
    .get('/daily', (c) => {
      const [first] = dailies()
      if (!first) throw new Problem('not_found', 'There is no daily here.')
      return c.redirect(`/daily/${first.slug}`)
    })
    .get('/daily/:slug', (c) => c.html(page(find(c.req.param('slug')), today())))
    .get('/daily/:slug/feed', (c) => {
      const daily = find(c.req.param('slug'))
      const entries = dates()
        .slice(0, SHOWN)
        .map((date) => ({ on: String(date), ...inspirationOn(daily, date) }))
      const feed = pages('daily-feed', { ...daily, url: app.siteUrl, updated: String(today()), entries })
      return c.body(feed, 200, { 'Content-Type': 'application/atom+xml; charset=utf-8' })
    })
    .get('/daily/:slug/:date', (c) => {
      const daily = find(c.req.param('slug'))
      const date = dateOf(c.req.param('date'))
      if (!date || !dates().some((shown) => shown.equals(date))) throw new Problem('not_found', GONE)
      return c.html(page(daily, date))
    })
}
