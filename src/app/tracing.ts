import { Problem } from '../domain/problem.ts'
import type { Logger } from '../platform/log.ts'
import { type Tracing, UNTRACED } from '../platform/tracing.ts'

/**
 * Opens the export of traces to a collector, if one is set; OpenTelemetry itself reads its address
 * and all other settings. Throws a Problem if its packages, which are optional, are not installed.
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
