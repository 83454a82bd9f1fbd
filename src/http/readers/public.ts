/** What anyone may see: the front page, and what follows enrolling. */

import { Hono } from 'hono'
import type { Course, Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import { timeOf, WEEKDAYS, weekdayName, weekdaysInWords } from '../../domain/rhythm.ts'
import { firstMorning } from '../../domain/schedule.ts'
import { dateIn, HOUR, isBefore, zoneNamed } from '../../domain/time.ts'
import { morningInWords } from '../../domain/words.ts'
import type { Key, Locale } from '../../locales/locale.ts'
import { networkOf } from '../shared/client.ts'
import type { Pages } from '../shared/pages.ts'
import type { Overview, ReaderSite } from '../shared/site.ts'
import { zoneGroups } from '../shared/zones.ts'
import type { RhythmValues } from './enroll-form.ts'

export function publicPages(app: ReaderSite, pages: Pages) {
  const today = () => dateIn('UTC', app.now())

  return new Hono()
    .get('/', async (c) => {
      const shown = onFront(app)
      return c.html(
        pages('front', {
          courses: shown.filter(isCourse).map(cardOf),
          inspiration: await app.visitor.inspirationOn(today(), shown),
        }),
      )
    })
    .get('/confirm/:token', async (c) => {
      const { person } = await confirming(app, c.req.param('token'))
      const pending = person?.overviews.filter(({ status }) => status === 'pending') ?? []
      if (pending.length > 0)
        return c.html(
          pages('confirm', {
            pending: pending.map((overview) => overviewInWords(overview, app.locale)),
          }),
        )
      return c.html(pages('confirmed', confirmedPage(person, app)))
    })
    .post('/confirm/:token', async (c) => {
      const { id: subscriberId } = await confirming(app, c.req.param('token'))
      const source = `${app.siteUrl}/confirm`
      const network = networkOf(c)
      await app.reader.confirm(subscriberId, {
        wording: app.locale.t('page.confirm.button'),
        source,
        network,
      })
      return c.redirect(c.req.path, 303)
    })
}

const DONE = 'link.used' satisfies Key

/**
 * Whom a link to confirm is of. One that was made void shows nothing of somebody who has confirmed
 * once.
 */
async function confirming(app: ReaderSite, token: string) {
  const { id, current } = await app.reader.glance('confirm', token)
  const person = await app.reader.overviewOf(id)
  if (!current && person?.known) throw new Problem('expired', DONE)
  return { id, person }
}

/** The series that the front page shows, in order. */
const onFront = ({ series, config }: ReaderSite): Series[] => {
  const { front = [...series.keys()] } = config.site.settings
  return front.flatMap((slug) => series.get(slug) ?? [])
}

const isCourse = (series: Series): series is Course => series.kind === 'course'

const cardOf = ({ slug, title, summary, lessons, author }: Course) => ({
  slug,
  title,
  summary,
  author,
  days: lessons.length,
})

/** A series somebody has, as a page tells it. */
export const overviewInWords = (
  { series, rhythm, nextAt, nextDay, status, id }: Overview,
  locale: Locale,
) => ({
  id,
  status,
  title: series.title,
  time: rhythm.time,
  zone: rhythm.zone,
  weekdays: weekdaysInWords(rhythm.weekdays, locale),
  day: nextDay,
  days: series.kind === 'course' ? series.lessons.length : null,
  next: nextAt && morningInWords(nextAt, rhythm.zone, locale),
})

/** What is true now: the link may be opened again while the course is under way. */
function confirmedPage(
  person: Awaited<ReturnType<ReaderSite['reader']['overviewOf']>>,
  app: ReaderSite,
) {
  const now = app.now()
  const active = person?.overviews.filter(({ status }) => status === 'active') ?? []
  if (active.length === 0) {
    throw new Problem('expired', DONE)
  }
  const lately = now.subtract({ milliseconds: HOUR })
  const begun = active.every((overview) => hasBegun(overview, now))
  return {
    active: active.map((overview) => overviewInWords(overview, app.locale)),
    begun,
    heading: app.locale.t(begun ? 'page.confirmed.heading-begun' : 'page.confirmed.heading'),
    welcoming: active.some(({ confirmedAt }) => confirmedAt && isBefore(lately, confirmedAt)),
  }
}

/** Whether the first morning of it is over. */
const hasBegun = ({ rhythm, confirmedAt }: Overview, now: Temporal.Instant) =>
  confirmedAt !== null && !isBefore(now, firstMorning(rhythm, confirmedAt).at)

/** The fields that choose a rhythm, with what was chosen and what is wrong with it. */
export const rhythmFields = (
  values: RhythmValues,
  { now, locale }: Pick<ReaderSite, 'now' | 'locale'>,
) => ({
  // A field for a time shows nothing but this spelling.
  time: timeOf(values.time) ?? values.time,
  zones: zoneGroups(values.zone, now()),
  zoneChosen: zoneNamed(values.zone) !== null,
  weekdays: WEEKDAYS.map((number) => ({
    name: weekdayName(number, locale),
    number,
    chosen: values.weekdays.includes(String(number)),
  })),
})
