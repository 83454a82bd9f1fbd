import { RECIPIENT } from './shapes.ts'

/** A mail and its expected reading. */
export interface Expected {
  readonly name: string
  readonly mail: Buffer
  /** Kind, class (of a bounce), reason. */
  readonly what: string
  readonly recipients: readonly (string | null)[]
}

export const expected = (
  name: string,
  what: string,
  mail: Buffer,
  recipients: readonly (string | null)[] = [RECIPIENT],
): Expected => ({ name, what, mail, recipients })
