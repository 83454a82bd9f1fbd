/**
 * Traces of what the program does, for OpenTelemetry. Where nobody asks for them nothing of it is
 * loaded.
 */

/** Of what is traced: never an address, a name, a token or a path that holds one. */
export type Attributes = Readonly<Record<string, string | number>>

export interface Traced {
  readonly name: string
  /** What it is to others: it serves them, asks them, or takes what they have left in a queue. */
  readonly kind?: 'server' | 'client' | 'consumer'
  readonly attributes?: Attributes
}

export interface Span {
  name(name: string): void
  set(attributes: Attributes): void
  /**
   * Marks it as failed by a class of error, such as a code. Whatever `work` throws marks it, too.
   */
  fail(type: string): void
  /** Nothing happened that is worth telling: it is left out, with the statements in it. */
  forget(): void
}

/**
 * Does `work`, and tells how long it took and whether it failed. What is traced meanwhile is part
 * of it.
 */
export type Trace = <T>(what: Traced, work: (span: Span) => Promise<T>) => Promise<T>

export interface Tracing {
  readonly trace: Trace
  /**
   * A statement has just been answered, after so many seconds. It is told as part of what asked.
   */
  statement(name: string, seconds: number): void
  /** Sends what has not been sent. Takes a second at most. */
  close(): Promise<void>
}

const NO_SPAN: Span = { name: () => {}, set: () => {}, fail: () => {}, forget: () => {} }

export const UNTRACED: Tracing = {
  trace: (_, work) => work(NO_SPAN),
  statement: () => {},
  close: async () => {},
}
