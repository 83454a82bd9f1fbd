/** An enroll form that was sent, as the page that it stood on gives it back. */
import type { Series } from '../../domain/course.ts'
import { FULL, WORK_FIRST } from '../shared/form-guard.ts'
import type { GivenBack } from '../shared/given-back.ts'
import type { FormState } from './course-page.ts'
import { enrollValues } from './enroll-form.ts'

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
