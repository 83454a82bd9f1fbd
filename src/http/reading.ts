/** What has come, read again; and the practices that were done. GET changes nothing. */
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { Problem } from '../domain/problem.ts'
import { formOf } from './form.ts'
import { lostLink } from './fresh-link.ts'
import type { Pages } from './pages.ts'
import { dayWords } from './when.ts'

/** A mail's page runs no scripts and sends no forms. */
const MAIL_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self' https: data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ')

const ICON = '<link rel="icon" href="/assets/sun.svg" type="image/svg+xml">'
const GONE = 'We no longer know this mail, or nothing of it has come yet.'

type Followed = Awaited<ReturnType<App['follow']>>
type Days = NonNullable<Awaited<ReturnType<App['daysOf']>>>

export function readingPages(app: App, pages: Pages) {
  /** As good as the link that was followed. */
  const linkBy =
    ({ epoch }: Followed) =>
    (purpose: 'lessons' | 'days', id: string) =>
      `/${purpose}/${app.links.token(purpose, { id, epoch }, app.now())}`
  const found = <T>(one: T | null): T => {
    if (one === null) throw new Problem('expired', GONE)
    return one
  }
  const daysPage = (days: Days, link: ReturnType<typeof linkBy>) => ({
    title: days.series.title,
    ...{ total: days.total, came: days.received.length, practices: days.practices },
    row: rowOf(days),
    received: days.received.map(({ id, on, ...one }) => ({
      ...one,
      on: dayWords(on),
      href: link('lessons', id),
    })),
  })

  return new Hono()
    .onError(lostLink(pages))
    .get('/lessons/:token', async (c) => {
      const followed = await app.follow('lessons', c.req.param('token'))
      const link = linkBy(followed)
      const lesson = found(await app.readLesson(followed.id))
      const bar = pages('lesson-bar', {
        previous: lesson.previous && link('lessons', lesson.previous),
        next: lesson.next && link('lessons', lesson.next),
        days: link('days', lesson.enrollmentId),
        all: lesson.series.kind === 'course' ? `My ${lesson.series.lessons.length} days` : 'All that came',
      })
      c.header('Content-Security-Policy', MAIL_POLICY)
      c.header('X-Robots-Tag', 'noindex')
      const page = lesson.html.replace('</head>', `${ICON}</head>`)
      return c.html(page.replace(/<body[^>]*>/, (body) => body + bar))
    })
    .get('/days/:token', async (c) => {
      const followed = await app.follow('days', c.req.param('token'))
      const days = found(await app.daysOf(followed.id))
      c.header('X-Robots-Tag', 'noindex')
      return c.html(pages('days', daysPage(days, linkBy(followed))))
    })
    .get('/practice/:token', async (c) => {
      const followed = await app.follow('practice', c.req.param('token'))
      const link = linkBy(followed)
      const { enrollmentId, series, day, done } = found(await app.practiceOf(followed.id))
      const days = found(await app.daysOf(enrollmentId))
      const lesson = series.kind === 'course' ? series.lessons[day - 1] : undefined
      return c.html(
        pages('practice', {
          ...{ day, done, practice: lesson?.practice.title ?? '' },
          ...{ ...daysPage(days, link), days: link('days', enrollmentId) },
        }),
      )
    })
    .post('/practice/:token', async (c) => {
      const token = c.req.param('token')
      const { id } = await app.follow('practice', token)
      const body = formOf(c)
      if (!(await app.notePractice(id, body.do !== 'undo'))) throw new Problem('expired', GONE)
      return c.redirect(`/practice/${token}`, 303)
    })
}

/** The days of a course in a row: what has come of them, and what was done. */
export function rowOf({ series, received }: Days) {
  if (series.kind !== 'course') return []
  const byDay = new Map(received.map((one) => [one.day, one]))
  return series.lessons.map(({ day }) => {
    const one = byDay.get(day)
    const state = one?.done ? 'done' : one ? 'came' : 'none'
    return { day, state, said: SAID[state] }
  })
}

const SAID = { done: 'practice done', came: 'came', none: 'not yet' } as const
