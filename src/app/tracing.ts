import { Problem } from '../domain/problem.ts'
import type { Logger } from '../platform/log.ts'
import { type Tracing, UNTRACED } from '../platform/tracing.ts'

/**
 * Opens what sends traces to a collector, if one is set; OpenTelemetry itself reads where it is,
 * and all other settings. Throws a Problem where its packages, which are optional, are not
 * installed.
 */
export async function openTracing(collector: string | null, log: Logger): Promise<Tracing> {
  if (collector === null) return UNTRACED
  const { openOpenTelemetry } = await import('../platform/opentelemetry.ts').catch(notInstalled)
  return openOpenTelemetry(log)
}

function notInstalled(cause: NodeJS.ErrnoException): never {
  if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause
  throw new Problem('unavailable', 'operator.traces.no-package', { cause })
}
