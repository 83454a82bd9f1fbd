/** Traces for OpenTelemetry. Unless traces are wanted, none of OpenTelemetry is loaded. */

/** Attributes of a span: never an address, a name, a token or a path that contains one. */
export type Attributes = Readonly<Record<string, string | number>>

export interface SpanOptions {
  readonly name: string
  /** The role of the span: it serves a request, sends one, or takes a job from a queue. */
  readonly kind?: 'server' | 'client' | 'consumer'
  readonly attributes?: Attributes
}

export interface Span {
  name(name: string): void
  set(attributes: Attributes): void
  /**
   * Marks it as failed, with a class of error such as a code. Anything that `work` throws also
   * marks it.
   */
  fail(type: string): void
  /** Drops the span and the statements in it: nothing worth recording happened. */
  forget(): void
}

/**
 * Runs `work` in a span that records its duration and whether it failed. Anything traced inside it
 * becomes part of that span.
 */
export type Trace = <T>(what: SpanOptions, work: (span: Span) => Promise<T>) => Promise<T>

export interface Tracing {
  readonly trace: Trace
  /**
   * Records a statement that has just been answered after `seconds`, as part of the current span.
   */
  statement(name: string, seconds: number): void
  /** Exports what is left. Takes a second at most. */
  close(): Promise<void>
}

const NO_SPAN: Span = { name: () => {}, set: () => {}, fail: () => {}, forget: () => {} }

export const UNTRACED: Tracing = {
  trace: (_, work) => work(NO_SPAN),
  statement: () => {},
  close: async () => {},
}
