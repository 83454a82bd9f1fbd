/** The page of a course or a daily, and enrolling there. */

import { type Context, Hono } from 'hono'
import { articlePath } from '../../domain/article.ts'
import type { Series } from '../../domain/course.ts'
import { localized } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { checkInboxData } from '../shared/redisplayed-form.ts'
import type { VisitorSite } from '../shared/site.ts'
import { answerSheet } from '../shared/theme-sheet.ts'
import { handleEnrollment } from './answer-enrollment.ts'
import { coursePage, type FormState, seriesOf } from './course-page.ts'
import { formStateOn, sentAddressCheck } from './sent-form.ts'

export function enrollingPages(app: VisitorSite, pages: Pages) {
  const find = (c: Context) => seriesOf(app, c)
  const page = async (c: Context, series: Series, form: FormState) =>
    pages(c, 'course', await coursePage(localized(app, c), series, form))

  return new Hono()
    .get('/courses/:slug', async (c) => {
      const series = find(c)
      const { form, status } = formStateOn(app, c, series)
      return c.html(await page(c, series, form), status)
    })
    .get('/enrolled', (c) =>
      c.html(pages(c, 'enrolled', checkInboxData(sentAddressCheck(app, c, wayBack)))),
    )
    .post('/courses/:slug', (c) => {
      const series = find(c)
      // The article below which the submitted form was placed.
      const article = app.articles.named(c.req.query('article') ?? '')?.slug
      return handleEnrollment(
        app,
        { c, series },
        {
          action: c.req.path,
          article,
          done: '/enrolled',
          page: (form) => page(c, series, form),
        },
      )
    })
    .get('/courses/:slug/challenge', (c) => c.json(app.visitor.challenge(find(c).slug)))
    .get('/courses/:slug/theme.css', (c) => answerSheet(c, find(c).theme))
}

const wayBack = ({ slug }: Series, article: string) =>
  article ? articlePath(article) : `/courses/${slug}`
