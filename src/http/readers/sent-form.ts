/** An enroll form that was sent, as the page that it stood on gives it back. */
import type { Context } from 'hono'
import type { Series } from '../../domain/course.ts'
import { FULL, WORK_FIRST } from '../shared/form-guard.ts'
import { checkOf, type GivenBack, givenBack, statusOf } from '../shared/given-back.ts'
import { speakOf } from '../shared/language.ts'
import type { VisitorSite } from '../shared/site.ts'
import type { FormState } from './course-page.ts'
import { enrollValues, freshValues } from './enroll-form.ts'

/** Names the form, for what is given back of it. */
export const ENROLL_FORM = 'enroll'

/** Where a form is sent that stands below an article, so that it comes back there. */
export const enrollPathBelow = (series: Pick<Series, 'slug'>, article: { readonly slug: string }) =>
  `/courses/${series.slug}?article=${article.slug}`

/** With all that was entered; with nothing wrong, to change the address. */
export function asSent(action: string, { body, refusal }: GivenBack, series: Series): FormState {
  const values = enrollValues(body, series)
  if (!refusal) return { action, values, focus: 'email' }
  const { message, fields } = refusal
  if (Object.keys(fields).length > 0) return { action, values, faults: fields }
  return { action, values, notice: message, proof: [WORK_FIRST, FULL].includes(message.key) }
}

export const freshOf = (series: Series, action: string): FormState => ({
  action,
  values: freshValues(series),
})

/** The form of a page: fresh, or as it was sent. */
export function shownOn(app: VisitorSite, c: Context, series: Series) {
  const given = givenBack(app, ENROLL_FORM, c)
  const action = c.req.path
  return {
    status: statusOf(given),
    form: given ? asSent(action, given, series) : freshOf(series, action),
  }
}

/** The address that was entered, for the page after enrolling, and the way back to the form. */
export function checkSent(
  app: VisitorSite,
  c: Context,
  pathOf: (series: Series, article: string) => string,
) {
  const given = givenBack(app, ENROLL_FORM, c)
  const series = app.series.get(String(given?.body.series ?? ''))
  if (!given || !series) return null
  speakOf(c, series, app)
  return checkOf(c, pathOf(series, String(given.body.article ?? '')), given)
}
