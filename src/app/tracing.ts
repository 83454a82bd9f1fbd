import type { Logger } from '../platform/log.ts'
import { type Tracing, UNTRACED } from '../platform/tracing.ts'

/**
 * Opens what sends traces to a collector, if one is set; OpenTelemetry itself reads where it is,
 * and all other settings.
 */
export async function openTracing(collector: string | null, log: Logger): Promise<Tracing> {
  if (collector === null) return UNTRACED
  return (await import('../platform/opentelemetry.ts')).openOpenTelemetry(log)
}
