/** A submitted enrollment form, as the page it was on gives it back. */
import type { Context } from 'hono'
import type { Series } from '../../domain/course.ts'
import { FULL, WORK_FIRST } from '../shared/form-guard.ts'
import { useLanguage } from '../shared/language.ts'
import {
  addressCheckOf,
  type RedisplayedForm,
  redisplayedForm,
  statusOf,
} from '../shared/redisplayed-form.ts'
import type { VisitorSite } from '../shared/site.ts'
import type { FormState } from './course-page.ts'
import { enrollValues, freshValues } from './enroll-form.ts'

/** Names the form, for giving it back. */
export const ENROLL_FORM = 'enroll'

/** Returns where a form below an article is sent, so that it is given back there. */
export const enrollPathBelow = (series: Pick<Series, 'slug'>, article: { readonly slug: string }) =>
  `/courses/${series.slug}?article=${article.slug}`

/** The form with everything that was entered; if nothing is wrong, for changing the address. */
export function redisplayedState(
  action: string,
  { body, refusal }: RedisplayedForm,
  series: Series,
): FormState {
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
export function formStateOn(app: VisitorSite, c: Context, series: Series) {
  const given = redisplayedForm(app, ENROLL_FORM, c)
  const action = c.req.path
  return {
    status: statusOf(given),
    form: given ? redisplayedState(action, given, series) : freshOf(series, action),
  }
}

/** Returns the entered address, for the page after enrolling, and the link back to the form. */
export function sentAddressCheck(
  app: VisitorSite,
  c: Context,
  pathOf: (series: Series, article: string) => string,
) {
  const given = redisplayedForm(app, ENROLL_FORM, c)
  const series = app.series.get(String(given?.body.series ?? ''))
  if (!given || !series) return null
  useLanguage(c, series, app)
  return addressCheckOf(c, pathOf(series, String(given.body.article ?? '')), given)
}
