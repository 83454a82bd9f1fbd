/** Rereading mails, and noting practices as done. GET changes nothing. */

import { Hono } from 'hono'
import { lessonById, practiceTitleOf, type Series, unitOf } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import type { Locale } from '../../locales/locale.ts'
import { keyForUnit } from '../../locales/numbered.ts'
import { formOf } from '../shared/form.ts'
import { localeOf, useLanguage } from '../shared/language.ts'
import { LESSON_POLICY } from '../shared/mail-policy.ts'
import type { Pages } from '../shared/pages.ts'
import type { ReaderSite } from '../shared/site.ts'
import { dateWords, dayWords } from '../shared/when.ts'
import { onBrokenLink } from './fresh-link.ts'

const ICON = '<link rel="icon" href="/assets/sun.svg" type="image/svg+xml">'

type Followed = Awaited<ReturnType<ReaderSite['reader']['follow']>>
type Days = NonNullable<Awaited<ReturnType<ReaderSite['reader']['daysOf']>>>
type Practice = NonNullable<Awaited<ReturnType<ReaderSite['reader']['practiceOf']>>>
type Neighbor = NonNullable<
  NonNullable<Awaited<ReturnType<ReaderSite['reader']['readLesson']>>>['previous']
>

export function readingPages(app: ReaderSite, pages: Pages) {
  /** Makes links with the epoch of the followed one, so that they become void with it. */
  const linkBy =
    ({ epoch }: Followed) =>
    (purpose: 'lessons' | 'days', id: string) =>
      `/${purpose}/${app.links.token(purpose, { id, epoch })}`
  const orGone = orGoneIn(app)
  const neighborBy =
    (link: ReturnType<typeof linkBy>, series: Series, locale: Locale) =>
    ({ id, day, subject }: Neighbor) => ({
      href: link('lessons', id),
      words:
        day === null
          ? subject
          : locale.t(keyForUnit(unitOf(series), 'page.lesson-bar.lesson'), { day, subject }),
    })
  const daysPage = (days: Days, link: ReturnType<typeof linkBy>, locale: Locale) => ({
    title: days.series.title,
    language: days.series.language,
    unit: unitOf(days.series),
    total: days.total,
    came: days.came,
    practices: days.practices,
    row: days.row,
    keptSince: days.keptSince && dateWords(days.keptSince, locale),
    isDropped: days.isDropped,
    received: days.received.map(({ id, on, item: _, ...mail }) => ({
      ...mail,
      on: dayWords(on, locale),
      href: link('lessons', id),
    })),
  })

  return new Hono()
    .onError(onBrokenLink(app, pages))
    .get('/lessons/:token', async (c) => {
      const followed = await app.reader.follow('lessons', c.req.param('token'))
      const link = linkBy(followed)
      const lesson = await orGone(app.reader.readLesson(followed.id), followed.id)
      useLanguage(c, lesson.series, app)
      const locale = localeOf(c)
      const neighbor = neighborBy(link, lesson.series, locale)
      const bar = pages(c, 'lesson-bar', {
        previous: lesson.previous && neighbor(lesson.previous),
        next: lesson.next && neighbor(lesson.next),
        days: link('days', lesson.enrollmentId),
        all:
          lesson.series.kind === 'course'
            ? locale.t(keyForUnit(unitOf(lesson.series), 'page.days.heading'), {
                total: lesson.series.lessons.length,
              })
            : locale.t('page.days.heading-daily'),
      })
      c.header('Content-Security-Policy', LESSON_POLICY)
      c.header('X-Robots-Tag', 'noindex')
      const page = lesson.html.replace('</head>', `${ICON}</head>`)
      return c.html(
        page
          .replace(/<body[^>]*>/, (body) => `${body}${bar}<main>`)
          .replace(/<\/body>(?![\s\S]*<\/body>)/, '</main></body>'),
      )
    })
    .get('/days/:token', async (c) => {
      const followed = await app.reader.follow('days', c.req.param('token'))
      const days = await orGone(app.reader.daysOf(followed.id))
      useLanguage(c, days.series, app)
      c.header('X-Robots-Tag', 'noindex')
      return c.html(pages(c, 'days', daysPage(days, linkBy(followed), localeOf(c))))
    })
    .get('/practice/:token', async (c) => {
      const followed = await app.reader.follow('practice', c.req.param('token'))
      const link = linkBy(followed)
      const practice = await orGone(app.reader.practiceOf(followed.id), followed.id)
      const days = await orGone(app.reader.daysOf(practice.enrollmentId))
      useLanguage(c, days.series, app)
      return c.html(
        pages(c, 'practice', {
          done: practice.done,
          practice: practiceWords(practice, days, localeOf(c)),
          ...daysPage(days, link, localeOf(c)),
          days: link('days', practice.enrollmentId),
        }),
      )
    })
    .post('/practice/:token', async (c) => {
      const token = c.req.param('token')
      const { id } = await app.reader.follow('practice', token)
      const body = formOf(c)
      if (!(await app.reader.markPractice(id, body.do !== 'undo')))
        throw await app.reader.whyGone(id)
      return c.redirect(`/practice/${token}`, 303)
    })
}

const orGoneIn =
  ({ reader }: Pick<ReaderSite, 'reader'>) =>
  async <T>(found: Promise<T | null>, deliveryId?: string): Promise<T> => {
    const value = await found
    if (value !== null) return value
    throw deliveryId ? await reader.whyGone(deliveryId) : new Problem('expired', 'email.gone')
  }

/**
 * Names a lesson's practice by its present title. The day number in its mail may belong to another
 * lesson by now.
 */
function practiceWords(
  { item, day, series }: Practice,
  { received }: Days,
  locale: Locale,
): string {
  const lesson = lessonById(series, item)
  const title = lesson && practiceTitleOf(lesson)
  const name = title || received.find((mail) => mail.item === item)?.subject
  if (!name) return locale.t(keyForUnit(unitOf(series), 'page.practice.of-day'), { day })
  return lesson?.day === day
    ? locale.t(keyForUnit(unitOf(series), 'page.practice.of-lesson'), { day, name })
    : locale.t('page.practice.of-name', { name })
}
