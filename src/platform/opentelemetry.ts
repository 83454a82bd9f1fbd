/**
 * OpenTelemetry's SDK behind tracing.ts: exports spans by OTLP over HTTP, configured by the
 * environment (OTEL_EXPORTER_OTLP_…, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES,
 * OTEL_TRACES_SAMPLER, OTEL_BSP_…). Loaded only if traces are wanted. Nothing is registered
 * globally, so other packages' code is not traced.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import * as api from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { SECOND } from '../domain/time.ts'
import type { Logger } from './log.ts'
import type { Span, SpanOptions, Tracing } from './tracing.ts'

/** How long the program waits for the collector on shutdown, in milliseconds. */
const EXPORT_TIMEOUT_MS = SECOND

const SPAN_KINDS = {
  server: api.SpanKind.SERVER,
  client: api.SpanKind.CLIENT,
  consumer: api.SpanKind.CONSUMER,
} as const

interface Statement {
  readonly name: string
  /** Milliseconds on the monotonic clock. */
  readonly startTime: number
  readonly endTime: number
}

/** The span that a piece of work runs in. */
interface ActiveSpan {
  readonly context: api.Context
  /** Statements answered so far; exported when the span ends, unless it is forgotten. */
  statements: Statement[]
  state: 'open' | 'told' | 'forgotten'
}

export function openOpenTelemetry(log: Logger): Tracing {
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'dawnpost' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(loggingFailures(new OTLPTraceExporter(), log))],
  })
  const tracer = provider.getTracer('dawnpost')
  const storage = new AsyncLocalStorage<ActiveSpan>()

  const recordStatement = ({ context }: ActiveSpan, { name, startTime, endTime }: Statement) => {
    const attributes = { 'db.system.name': 'postgresql', 'db.query.summary': name }
    tracer
      .startSpan(name, { kind: api.SpanKind.CLIENT, startTime, attributes }, context)
      .end(endTime)
  }
  const begin = ({ name, kind, attributes }: SpanOptions) => {
    const parent = storage.getStore()?.context ?? api.ROOT_CONTEXT
    const options = { ...(kind && { kind: SPAN_KINDS[kind] }), ...(attributes && { attributes }) }
    const span = tracer.startSpan(name, options, parent)
    const within: ActiveSpan = {
      context: api.trace.setSpan(parent, span),
      statements: [],
      state: 'open',
    }
    const end = () => {
      if (within.state === 'open') {
        within.state = 'told'
        for (const statement of within.statements) recordStatement(within, statement)
        span.end()
      }
      within.statements = []
    }
    return { within, end, span: handleOf(span, within) }
  }
  return {
    trace: async (what, work) => {
      const { within, end, span } = begin(what)
      try {
        return await storage.run(within, () => work(span))
      } catch (error) {
        span.fail(typeOf(error))
        throw error
      } finally {
        end()
      }
    },
    statement: (name, seconds) => {
      const within = storage.getStore()
      if (!within) return
      const endTime = performance.now()
      const statement = { name, startTime: endTime - seconds * 1_000, endTime }
      // Results are written after their mail, so their statements may come when the span has ended.
      if (within.state === 'told') recordStatement(within, statement)
      else if (within.state === 'open') within.statements.push(statement)
    },
    close: async () => {
      const stopped = provider.shutdown().catch(() => {})
      await Promise.race([stopped, pause(EXPORT_TIMEOUT_MS, undefined, { ref: false })])
    },
  }
}

const handleOf = (span: api.Span, within: ActiveSpan): Span => ({
  name: (name) => void span.updateName(name),
  set: (attributes) => void span.setAttributes(attributes),
  fail: (type) =>
    void span.setAttribute('error.type', type).setStatus({ code: api.SpanStatusCode.ERROR }),
  forget: () => {
    within.state = 'forgotten'
  },
})

/** Returns an error code or class, never the message: servers tend to repeat the address in it. */
function typeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown
  const { code } = thrown as { code?: unknown }
  return typeof code === 'string' && /^[A-Za-z0-9_]{1,40}$/.test(code) ? code : thrown.name
}

/** Logs failed exports, which OpenTelemetry does not report. */
function loggingFailures(exporter: SpanExporter, log: Logger): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== 0)
          log.warn({ err: result.error }, 'traces cannot be sent, and are lost')
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  }
}
