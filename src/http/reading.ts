/** What has come, read again; and the practices that were done. GET changes nothing. */
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { Problem } from '../domain/problem.ts'
import { formOf } from './enroll-form.ts'
import { lostLink } from './fresh-link.ts'
import type { Pages } from './pages.ts'
import { FORM_LIMIT } from './public.ts'
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

type Days = NonNullable<Awaited<ReturnType<App['daysOf']>>>

export function readingPages(app: App, pages: Pages) {
  const link = (purpose: 'lessons' | 'days', id: string) =>
    `/${purpose}/${app.links.token(purpose, id, app.now())}`
  const found = <T>(one: T | null): T => {
    if (one === null) throw new Problem('expired', GONE)
    return one
  }
  const daysPage = (days: Days) => ({
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
    .onError(lostLink(app, pages))
    .get('/lessons/:token', async (c) => {
      const id = app.links.read('lessons', c.req.param('token'), app.now())
      const lesson = found(await app.readLesson(id))
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
      const days = found(await app.daysOf(app.links.read('days', c.req.param('token'), app.now())))
      c.header('X-Robots-Tag', 'noindex')
      return c.html(pages('days', daysPage(days)))
    })
    .get('/practice/:token', async (c) => {
      const id = app.links.read('practice', c.req.param('token'), app.now())
      const { enrollmentId, series, day, done } = found(await app.practiceOf(id))
      const days = found(await app.daysOf(enrollmentId))
      const lesson = series.kind === 'course' ? series.lessons[day - 1] : undefined
      return c.html(
        pages('practice', {
          ...{ day, done, practice: lesson?.practice.title ?? '' },
          ...{ ...daysPage(days), days: link('days', enrollmentId) },
        }),
      )
    })
    .post('/practice/:token', FORM_LIMIT, async (c) => {
      const token = c.req.param('token')
      const id = app.links.read('practice', token, app.now())
      const body = await formOf(c)
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
