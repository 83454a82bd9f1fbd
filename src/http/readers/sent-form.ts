/** A submitted enrollment form, as the page it was on gives it back. */
import type { Context } from 'hono'
import type { Series } from '../../domain/course.ts'
import { FULL, WORK_FIRST } from '../shared/form-guard.ts'
import { checkOf, type GivenBack, givenBack, statusOf } from '../shared/given-back.ts'
import { speakOf } from '../shared/language.ts'
import type { VisitorSite } from '../shared/site.ts'
import type { FormState } from './course-page.ts'
import { enrollValues, freshValues } from './enroll-form.ts'

/** Names the form, for giving it back. */
export const ENROLL_FORM = 'enroll'

/** Returns where a form below an article is sent, so that it is given back there. */
export const enrollPathBelow = (series: Pick<Series, 'slug'>, article: { readonly slug: string }) =>
  `/courses/${series.slug}?article=${article.slug}`

/** The form with everything that was entered; if nothing is wrong, for changing the address. */
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

/** Returns the entered address, for the page after enrolling, and the link back to the form. */
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
