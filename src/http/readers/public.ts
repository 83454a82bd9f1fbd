/** Public pages: the front page, and confirming an enrollment. */

import { type Context, type Env, Hono } from 'hono'
import { consentRecordOf } from '../../domain/consent.ts'
import { type Course, type Series, unitOf } from '../../domain/course.ts'
import { seriesDaysInWords } from '../../domain/pace-words.ts'
import { Problem } from '../../domain/problem.ts'
import { inLanguageFirst } from '../../domain/relations.ts'
import { parseTime, weekdayName, weekOf } from '../../domain/rhythm.ts'
import { firstMorning } from '../../domain/schedule.ts'
import { beginningOf, startsOf } from '../../domain/starts.ts'
import { canonicalZone, dateIn, HOUR, isBefore } from '../../domain/time.ts'
import { clockInWords, morningInWords } from '../../domain/words.ts'
import type { Key, Locale } from '../../locales/locale.ts'
import { newestFor } from '../shared/article-card.ts'
import { networkOf } from '../shared/client.ts'
import { type Localized, localeOf, localized, useLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import type { Overview, ReaderSite } from '../shared/site.ts'
import { zoneGroups } from '../shared/zones.ts'
import type { RhythmValues } from './enroll-form.ts'

export function publicPages(app: ReaderSite, pages: Pages) {
  const today = () => dateIn('UTC', app.now())

  return new Hono()
    .get('/', async (c) => {
      const series = onFront(app, localeOf(c).language)
      return c.html(
        pages(c, 'front', {
          courses: series.filter(isCourse).map(cardOf),
          inspiration: await app.visitor.inspirationOn(today(), series),
          newest: newestFor(app, localeOf(c)),
        }),
      )
    })
    .get('/confirm/:token', async (c) => {
      const { person } = await confirmationTarget(app, c)
      const pending = person?.overviews.filter(({ status }) => status === 'pending') ?? []
      if (pending.length > 0)
        return c.html(
          pages(c, 'confirm', {
            pending: pendingInWords(pending, localized(app, c)),
          }),
        )
      return c.html(pages(c, 'confirmed', confirmedPage(person, localized(app, c))))
    })
    .post('/confirm/:token', async (c) => {
      const { id: subscriberId } = await confirmationTarget(app, c)
      const source = `${app.siteUrl}/confirm`
      const network = networkOf(c)
      await app.reader.confirm(subscriberId, {
        ...consentRecordOf(localeOf(c), localeOf(c).t('page.confirm.button')),
        source,
        network,
      })
      return c.redirect(c.req.path, 303)
    })
}

/** What has to be confirmed, and when it begins if the author sets that. */
function pendingInWords(pending: readonly Overview[], { now, locale }: Localized<ReaderSite>) {
  const all = pending.flatMap((overview) => {
    const { series, rhythm } = overview
    const beginning = beginningOf(series, rhythm, now())
    if (!beginning) return []
    const { at } = beginning.first
    const begins = startsOf(series).length > 0 && morningInWords(at, rhythm.zone, locale)
    return [{ ...overviewInWords(overview, locale), begins }]
  })
  if (all.length === 0) throw new Problem('expired', 'link.confirm-closed')
  return all
}

const LINK_USED = 'link.used' satisfies Key

/**
 * Returns the person a confirmation link belongs to. A voided link shows nothing of somebody who
 * has confirmed before.
 */
async function confirmationTarget(app: ReaderSite, c: Context<Env, '/confirm/:token'>) {
  const { id, current } = await app.reader.glance('confirm', c.req.param('token'))
  const person = await app.reader.overviewOf(id)
  const asked = person?.overviews.filter(({ status }) => status === 'pending') ?? []
  const [about] = asked.length > 0 ? asked : (person?.overviews ?? [])
  if (about) useLanguage(c, about.series, app)
  if (!current && person?.known) throw new Problem('expired', LINK_USED)
  return { id, person }
}

/** Returns the series on the front page, in order, those in the given language first. */
export const onFront = (
  { series, config }: Pick<ReaderSite, 'series' | 'config'>,
  language: string,
): Series[] => {
  const { front = [...series.keys()] } = config.site.settings
  return inLanguageFirst(
    front.flatMap((slug) => series.get(slug) ?? []),
    language,
  )
}

const isCourse = (series: Series): series is Course => series.kind === 'course'

const cardOf = ({ slug, title, summary, lessons, author, language }: Course) => ({
  slug,
  title,
  summary,
  author,
  language,
  days: lessons.length,
})

/** A reader's series as pages describe it. */
const overviewInWords = (
  { series, rhythm, nextAt, nextDay, status, id }: Overview,
  locale: Locale,
) => ({
  id,
  status,
  title: series.title,
  language: series.language,
  time: clockInWords(rhythm.time, locale),
  zone: rhythm.zone,
  weekdays: seriesDaysInWords(series, rhythm.weekdays, locale),
  day: nextDay,
  unit: unitOf(series),
  letter: series.kind === 'letter',
  days: series.kind === 'course' ? series.lessons.length : null,
  next: nextAt && morningInWords(nextAt, rhythm.zone, locale),
})

/** The current state: the link may be reopened while the course is running. */
function confirmedPage(
  person: Awaited<ReturnType<ReaderSite['reader']['overviewOf']>>,
  app: Localized<ReaderSite>,
) {
  const now = app.now()
  const active = person?.overviews.filter(({ status }) => status === 'active') ?? []
  if (active.length === 0) {
    throw new Problem('expired', LINK_USED)
  }
  const lately = now.subtract({ milliseconds: HOUR })
  const begun = active.every((overview) => hasBegun(overview, now))
  return {
    active: active.map((overview) => ({
      ...overviewInWords(overview, app.locale),
      atOnce: isAtOnce(overview) && wasConfirmedSince(overview, lately),
    })),
    begun,
    heading: app.locale.t(begun ? 'page.confirmed.heading-begun' : 'page.confirmed.heading'),
    welcoming: active.some((overview) => wasConfirmedSince(overview, lately)),
  }
}

const isAtOnce = ({ series }: Overview) => series.kind === 'course' && series.first === 'at once'

const wasConfirmedSince = ({ confirmedAt }: Overview, at: Temporal.Instant) =>
  confirmedAt !== null && isBefore(at, confirmedAt)

/** Returns whether its first morning has come. */
const hasBegun = ({ rhythm, confirmedAt }: Overview, now: Temporal.Instant) =>
  confirmedAt !== null && !isBefore(now, firstMorning(rhythm, confirmedAt).at)

/** Fields of a rhythm form, with the chosen values. */
export const rhythmFields = (
  values: RhythmValues,
  { now, locale }: Localized<Pick<ReaderSite, 'now'>>,
) => ({
  // A time input accepts only this format.
  time: parseTime(values.time) ?? values.time,
  zones: zoneGroups(values.zone, now()),
  zoneChosen: canonicalZone(values.zone) !== null,
  weekdays: weekOf(locale).map((number) => ({
    name: weekdayName(number, locale),
    number,
    chosen: values.weekdays.includes(String(number)),
  })),
})
