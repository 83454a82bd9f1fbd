export type Code = 'invalid' | 'forbidden' | 'not_found' | 'expired' | 'too_many' | 'unavailable'

/**
 * A failure a person can be told about, in one clear sentence that says what to do.
 * Anything else thrown is a bug: logged, and hidden from people.
 */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: Code
  /** For a form: what is wrong at which field. */
  readonly fields: Readonly<Record<string, string>>

  constructor(
    code: Code,
    message: string,
    options: { fields?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.fields = options.fields ?? {}
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown))
