import type { FieldValues } from '../../domain/own-fields.ts'
import { type Deps, withActive } from './control.ts'

export interface Answers {
  readonly names: readonly string[]
  readonly values: FieldValues
}

/**
 * Replaces an active enrollment's answers to its course's own fields. `values` holds an answer to
 * each of `names`, or none; answers to fields that the course no longer asks for are kept. Mails
 * composed from now on use them; one that was already tried is resent as it was (I5).
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
