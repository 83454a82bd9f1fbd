import { english, type Key, type Message, type Params } from '../locales/locale.ts'

export type ProblemCode =
  | 'invalid'
  | 'forbidden'
  | 'not_found'
  | 'not_allowed'
  | 'expired'
  | 'too_large'
  | 'misdirected'
  | 'too_many'
  | 'unavailable'

/** What is wrong with which field of a form. */
export type FieldFaults = Readonly<Record<string, Message>>

/**
 * A failure that a person can be told about, in one clear sentence that says what to do. Anything
 * else thrown is a bug: logged, and hidden from people.
 *
 * It carries the key of that sentence, which is worded where it is shown, in the reader's language.
 * `message` is the English one, for logs and commands.
 */
export class Problem extends Error implements Message {
  override name = 'Problem'
  readonly code: ProblemCode
  readonly key: Key
  readonly params: Params
  readonly fields: FieldFaults
  /** Seconds after which trying again makes sense; null if unknown. */
  readonly retryAfter: number | null

  constructor(
    code: ProblemCode,
    key: Key,
    options: { params?: Params; fields?: FieldFaults; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(english.t(key, options.params), { cause: options.cause })
    this.code = code
    this.key = key
    this.params = options.params ?? {}
    this.fields = options.fields ?? {}
    this.retryAfter = options.retryAfter ?? null
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown) =>
  thrown instanceof Error ? thrown.message : String(thrown)
