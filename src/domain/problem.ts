export type Code =
  | 'invalid'
  | 'forbidden'
  | 'not_found'
  | 'not_allowed'
  | 'expired'
  | 'too_large'
  | 'misdirected'
  | 'too_many'
  | 'unavailable'

/**
 * A failure a person can be told about, in one clear sentence that says what to do.
 * Anything else thrown is a bug: logged, and hidden from people.
 */
export class Problem extends Error {
  override name = 'Problem'
  readonly code: Code
  /** For a form: what is wrong at which field. */
  readonly fields: Readonly<Record<string, string>>
  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfter: number | null

  constructor(
    code: Code,
    message: string,
    options: { fields?: Record<string, string>; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.fields = options.fields ?? {}
    this.retryAfter = options.retryAfter ?? null
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown) =>
  thrown instanceof Error ? thrown.message : String(thrown)
