/**
 * What operators see of a running installation: its signs of life, whether it is ready, and what it
 * has counted.
 */

import type { Observer, Transport } from '../../mail/smtp/transport.ts'
import type { SpanOptions, Tracing } from '../../platform/tracing.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { gauges } from './gauges.ts'
import { openHeartbeat } from './heartbeat.ts'
import { exposition, openMetrics } from './metrics.ts'
import { openReadiness, type Deps as ReadinessDeps } from './readiness.ts'

/** Opens what a process counts, before there is anything to count. */
export function openMonitoring(name: string, tracing: Tracing) {
  let transport: Transport | undefined
  const servers = () => transport?.servers() ?? []
  const metrics = openMetrics(name, { servers, onStatement: tracing.statement })
  let accepted = () => {}
  return {
    metrics,
    /** Observes what becomes of the mails of one server. */
    observer: (server: string): Observer => {
      const counting = metrics.of(server)
      return {
        ...counting,
        around: (send) => tracing.trace(transaction(server), send),
        accepted: (seconds) => {
          counting.accepted(seconds)
          accepted()
        },
      }
    },
    /** Starts giving signs of life, once there is a transport to report on. */
    begin: (deps: {
      db: Db
      stores: Pick<typeof stores, 'processes'>
      transport: Transport
      queueDepth: () => Promise<number>
    }) => {
      transport = deps.transport
      const heartbeat = openHeartbeat({ ...deps, name, metrics: metrics.snapshot })
      accepted = heartbeat.accepted
      return heartbeat
    },
  }
}

const transaction = (server: string): SpanOptions => ({
  name: 'smtp',
  kind: 'client',
  attributes: { 'dawnpost.server': server },
})

type Deps = Omit<ReadinessDeps, 'stores'> & { readonly stores: typeof stores }

/** Opens what /readyz and /metrics answer. */
export function openMonitoringEndpoints(deps: Deps) {
  const readiness = openReadiness(deps)
  return {
    readiness,
    metrics: async () => {
      // Includes what this process has counted since its last sign of life.
      await deps.heartbeat.beat().catch(() => {})
      const gauged = await gauges({ ...deps, readiness })
      const counted = await deps.stores.processes.metrics(deps.db).catch(() => [])
      return exposition(gauged, counted)
    },
  }
}
