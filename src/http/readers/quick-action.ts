/**
 * Pages with one control each, for links in mails; their forms post to the preferences page. GET
 * changes nothing.
 */

import { type Context, Hono } from 'hono'
import { consentWording } from '../../domain/consent.ts'
import { type Daily, type Series, unitOf } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import { coursesAfter, offeredDailies } from '../../domain/relations.ts'
import { MAX_PAUSE_DAYS, WEEKDAYS } from '../../domain/rhythm.ts'
import { dateIn } from '../../domain/time.ts'
import { clockInWords, didInWords } from '../../domain/words.ts'
import { localeOf, useLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import type { ReaderSite } from '../shared/site.ts'
import { dayWords } from '../shared/when.ts'
import { onBrokenLink } from './fresh-link.ts'
import { personOf } from './preferences.ts'
import { endedWords } from './preferences-page.ts'

export function quickActionPages(app: ReaderSite, pages: Pages) {
  /** Finds the series of the mail whose link was followed. */
  const ofSeries = async (c: Context, token: string) => {
    const enrollment = app.links.read('preferences', token)
    const person = await personOf(app, token)
    const overview = person.overviews.find(
      ({ series }) => series.slug === person.enrolledIn(enrollment),
    )
    if (!overview) throw new Problem('expired', 'course.nothing-to-change')
    useLanguage(c, overview.series, app)
    const ahead = overview.status === 'active' ? await app.reader.upcoming(overview.id) : null
    const letter = overview.series.kind === 'letter'
    const page = {
      id: overview.id,
      heading: localeOf(c).t(letter ? 'page.now.title-letter' : 'page.now.title'),
      title: overview.series.title,
      language: overview.series.language,
      unit: unitOf(overview.series),
      letter,
      action: `/preferences/${token}`,
      ended: endedWords(overview, localeOf(c)),
    }
    return { enrollment, person, overview, ahead, page }
  }

  return new Hono()
    .onError(onBrokenLink(app, pages))
    .get('/preferences/:token/pause', async (c) => {
      const { overview, ahead, page } = await ofSeries(c, c.req.param('token'))
      if (!ahead) {
        return c.html(
          pages(c, 'now', { ...page, now: 'no', paused: false, waits: false, nothingTo: 'pause' }),
        )
      }
      const today = dateIn(overview.rhythm.zone, app.now())
      const { pause } = ahead
      return c.html(
        pages(c, 'pause', {
          ...page,
          paused: pause !== null,
          until: pause?.until ? dayWords(pause.until, localeOf(c)) : null,
          tomorrow: String(today.add({ days: 1 })),
          last: String(today.add({ days: MAX_PAUSE_DAYS })),
        }),
      )
    })
    .get('/preferences/:token/now', async (c) => {
      const { ahead, page } = await ofSeries(c, c.req.param('token'))
      const now = {
        now: ahead?.now ?? 'no',
        day: ahead?.day ?? null,
        waits: Boolean(ahead?.waits),
        paused: Boolean(ahead?.pause),
      }
      return c.html(pages(c, 'now', { ...page, ...now, nothingTo: 'send' }))
    })
    .get('/preferences/:token/completion', async (c) => {
      const { enrollment, person, overview, page } = await ofSeries(c, c.req.param('token'))
      const days = await app.reader.daysOf(enrollment)
      if (!days) throw new Problem('expired', 'course.nothing-to-change')
      const has = (candidate: Series) =>
        person.overviews.some(({ series, status }) => series === candidate && status === 'active')
      const all = [...app.series.values()]
      const dailyFields = (daily: Daily) => ({
        slug: daily.slug,
        title: daily.title,
        language: daily.language,
        summary: daily.summary,
        active: has(daily),
        time: clockInWords(overview.rhythm.time, localeOf(c)),
        wording: consentWording([daily], {
          sender: app.letterhead.siteName,
          locale: localeOf(c),
          days: WEEKDAYS,
        }),
      })
      return c.html(
        pages(c, 'completion', {
          ...page,
          total: days.total,
          came: days.came,
          slug: overview.series.slug,
          // A completed course can be continued from; one that was left has to be enrolled in
          // again.
          ended: overview.status === 'completed' ? '' : page.ended,
          did: didInWords(days.received.length, days.practices, localeOf(c)),
          onTheWay: overview.status === 'active' && overview.nextDay !== null,
          row: days.row,
          days: `/days/${app.links.token('days', { id: enrollment, epoch: person.epoch })}`,
          dailies: offeredDailies(overview.series, all).map(dailyFields),
          courses: coursesAfter(overview.series, all).filter((candidate) => !has(candidate)),
        }),
      )
    })
}
