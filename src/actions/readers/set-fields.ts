import type { FieldValues } from '../../domain/own-fields.ts'
import { type Deps, withActive } from './control.ts'

export interface Answers {
  readonly names: readonly string[]
  readonly values: FieldValues
}

/**
 * Gives an active enrollment other answers to its course's own fields. `values` holds an answer to
 * each of `names`, or none; what is known of fields that the course no longer asks for stays as it
 * is. Mails composed from now on tell them; one that was tried before is sent again as it was (I5).
 *
 * @throws Problem `not_found` when the enrollment is not active.
 */
export const setFields = (
  enrollmentId: string,
  { names, values }: Answers,
  deps: Deps,
): Promise<void> =>
  withActive(
    enrollmentId,
    async (tx, { fields }) => {
      const otherAnswers = Object.entries(fields).filter(([name]) => !names.includes(name))
      await deps.stores.enrollments.setFields(tx, enrollmentId, {
        ...Object.fromEntries(otherAnswers),
        ...values,
      })
    },
    deps,
  )
