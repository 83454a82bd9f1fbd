/** The page of a course or a daily, and enrolling there. */
import { type Context, Hono } from 'hono'
import type { App } from '../app.ts'
import { consentWording } from '../domain/consent.ts'
import type { Series } from '../domain/course.ts'
import { Problem } from '../domain/problem.ts'
import { networkOf } from './client.ts'
import { coursePage, dailiesBeside } from './course-page.ts'
import { EMPTY, type EnrollInput, enrollValues, formOf, readEnrollment } from './enroll-form.ts'
import { AGAIN, looksHuman, proofIn, WORK_FIRST } from './form-guard.ts'
import type { Pages } from './pages.ts'
import { answer, STATUS } from './problems.ts'
import { FORM_LIMIT } from './public.ts'

export function enrollingPages(app: App, pages: Pages) {
  const series = [...app.series.values()]

  const enroll = async (c: Context, one: Series, input: EnrollInput) => {
    const network = networkOf(c, app.config.http.trustProxy)
    const { address, firstName, rhythm, daily } = input
    await app.limitEnrollments(network, address.key)
    const beside = dailiesBeside(series, one)
    const wording = consentWording([one, ...beside], app.letterhead.siteName)
    const consent = { wording, source: `${app.siteUrl}/courses/${one.slug}`, network }
    const slugs = [one, ...(daily ? beside : [])].map(({ slug }) => slug)
    await app.requestEnrollment({ address, firstName, rhythm, series: slugs, consent })
  }

  return new Hono()
    .get('/courses/:slug', async (c) => {
      const one = find(app.series, c.req.param('slug'))
      return c.html(pages('course', await coursePage(app, one, { values: EMPTY })))
    })
    .get('/courses/:slug/challenge', (c) => c.json(app.challenge(find(app.series, c.req.param('slug')).slug)))
    .post('/courses/:slug', FORM_LIMIT, async (c) => {
      const one = find(app.series, c.req.param('slug'))
      const body = await formOf(c)
      const values = enrollValues(body)
      const back = async (what: { faults?: Record<string, string>; notice?: string }) =>
        pages('course', await coursePage(app, one, { values, ...what }))
      const read = readEnrollment(values)
      if ('fields' in read) return c.html(await back({ faults: read.fields }), STATUS.invalid)
      if (!looksHuman(one.slug, body, app.stamps, app.now()))
        return c.html(await back({ notice: AGAIN }), STATUS.invalid)
      if ((await app.proofWanted()) && !(await app.proveWork(one.slug, proofIn(body))))
        return c.html(await back({ notice: WORK_FIRST }), STATUS.invalid)
      try {
        await enroll(c, one, read.ok)
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        return answer(c, problem, await back({ faults: { form: problem.message } }))
      }
      return c.redirect('/enrolled', 303)
    })
}

function find(series: ReadonlyMap<string, Series>, slug: string): Series {
  const one = series.get(slug)
  if (!one)
    throw new Problem('not_found', 'There is no course at this address. The front page lists all there are.')
  return one
}
