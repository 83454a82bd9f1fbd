/** Enrolling from another site: in a frame, or by that site's own form. */

import { type Context, Hono } from 'hono'
import type { Series } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import { localized } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { checkInboxData } from '../shared/redisplayed-form.ts'
import type { VisitorSite } from '../shared/site.ts'
import { sheetAddress } from '../shared/theme-sheet.ts'
import { handleEnrollment } from './answer-enrollment.ts'
import { type FormState, formPage, seriesOf, wordingOf } from './course-page.ts'
import { formStateOn, freshOf, sentAddressCheck } from './sent-form.ts'

export function embedPages(app: VisitorSite, pages: Pages) {
  const origins = app.config.http.embedOrigins
  const framed = (c: Context) => {
    if (origins) return seriesOf(app, c)
    throw new Problem('not_found', 'form.enroll.not-embedded')
  }
  const page = async (c: Context, series: Series, form: FormState) =>
    pages(c, 'embed', await formPage(localized(app, c), series, form))

  return new Hono()
    .get('/courses/:slug/embed', async (c) => {
      const series = framed(c)
      const { form, status } = formStateOn(app, c, series)
      return c.html(await page(c, series, form), status)
    })
    .post('/courses/:slug/embed', (c) => {
      const series = framed(c)
      const action = c.req.path
      return handleEnrollment(
        app,
        { c, series },
        { action, done: `${action}/enrolled`, page: (form) => page(c, series, form) },
      )
    })
    .get('/courses/:slug/embed/enrolled', (c) => {
      const series = framed(c)
      const to = sentAddressCheck(app, c, () => `/courses/${series.slug}/embed`)
      return c.html(
        pages(c, 'embed-enrolled', { series, sheet: sheetAddress(series), ...checkInboxData(to) }),
      )
    })
    .get('/courses/:slug/embed-code', async (c) => {
      const series = seriesOf(app, c)
      return c.html(pages(c, 'embed-code', await codeOf(c, app, series, pages)))
    })
}

/** Returns the code to be copied into another site's page: a frame, or a form. */
async function codeOf(c: Context, app: VisitorSite, series: Series, pages: Pages) {
  const url = `${app.siteUrl}/courses/${series.slug}`
  const frame = pages(c, 'embed-frame', { url: `${url}/embed`, title: series.title })
  const wording = wordingOf(localized(app, c), series, 'short')
  const form = pages(c, 'embed-form', {
    ...(await formPage(localized(app, c), series, freshOf(series, url))),
    wording,
  })
  return { series, origins: app.config.http.embedOrigins, frame, form }
}
