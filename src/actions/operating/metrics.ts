/**
 * What a process counts, for Prometheus. Each process stores its own with its signs of life; one
 * page shows those of all.
 */
import type { MetricObject } from 'prom-client'
import AggregatorRegistry from 'prom-client/lib/cluster.js'
import Counter from 'prom-client/lib/counter.js'
import Gauge from 'prom-client/lib/gauge.js'
import Histogram from 'prom-client/lib/histogram.js'
import Registry from 'prom-client/lib/registry.js'
import type { Report } from '../../domain/report.ts'
import type { Observer, ServerState } from '../../mail/smtp/transport.ts'
import type { GaugeMetric } from './gauges.ts'

/**
 * Buckets for an SMTP server's answers, in seconds: a relay takes milliseconds, one that tarpits
 * takes minutes.
 */
const SMTP_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** Buckets for statements, in seconds. */
const STATEMENT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

export interface Metrics {
  /** Counts what becomes of the mails of one SMTP server. */
  of(server: string): Omit<Observer, 'around'>
  enrollmentAsked(): void
  confirmed(): void
  /** Counts something that came back about a mail. */
  reported(source: string, report: Reported, became: string): void
  statement(sql: string, seconds: number): void
  /** Returns everything counted so far, to be stored as JSON. */
  snapshot(): Promise<object[]>
}

type Reported = Pick<Report, 'kind' | 'class'>

interface Options {
  readonly servers: () => readonly ServerState[]
  /** Also called for the statements that run most. */
  readonly onStatement: (name: string, seconds: number) => void
}

export function openMetrics(process: string, { servers, onStatement }: Options): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ process })
  const registers = [registry]
  const sent = new Counter({
    name: 'dawnpost_mails_sent_total',
    help: 'Mails that an SMTP server has accepted.',
    labelNames: ['server'],
    registers,
  })
  const failed = new Counter({
    name: 'dawnpost_mails_failed_total',
    help: 'Attempts that failed, by what they speak against.',
    labelNames: ['server', 'class'],
    registers,
  })
  const answer = new Histogram({
    name: 'dawnpost_smtp_seconds',
    help: 'Time until an SMTP server has answered for a mail, with the wait for a free connection.',
    labelNames: ['server'],
    buckets: SMTP_BUCKETS,
    registers,
  })
  const { asked, confirmed, reports } = eventCounters(registers)
  const statement = new Histogram({
    name: 'dawnpost_database_seconds',
    help: 'Time of the statements that run most.',
    labelNames: ['statement'],
    buckets: STATEMENT_BUCKETS,
    registers,
  })
  serverGauges(servers, registers)
  return {
    of: (server) => {
      const [sentBy, answerOf] = [sent.labels(server), answer.labels(server)]
      return {
        accepted: (seconds) => {
          sentBy.inc()
          answerOf.observe(seconds)
        },
        failed: (verdict, seconds) => {
          failed.inc({ server, class: verdict })
          answerOf.observe(seconds)
        },
      }
    },
    enrollmentAsked: () => asked.inc(),
    confirmed: () => confirmed.inc(),
    reported: (source, { kind, class: of }, became) =>
      reports.inc({ source, class: of ?? kind, became }),
    statement: (text, seconds) => {
      const name = PREPARED.exec(text)?.[1]
      if (!name) return
      statement.observe({ statement: name }, seconds)
      onStatement(name, seconds)
    },
    snapshot: () => registry.getMetricsAsJSON(),
  }
}

/** Counters for what people have done, and for what came back about mails. */
function eventCounters(registers: Registry[]) {
  const asked = new Counter({
    name: 'dawnpost_enrollments_total',
    help: 'Enrollments that were asked for.',
    registers,
  })
  const confirmed = new Counter({
    name: 'dawnpost_confirmations_total',
    help: 'Confirmations by a link.',
    registers,
  })
  const reports = new Counter({
    name: 'dawnpost_reports_total',
    help: 'What came back about mails: bounces by their class, complaints and others by their kind.',
    labelNames: ['source', 'class', 'became'],
    registers,
  })
  return { asked, confirmed, reports }
}

/** The mark that store/postgres/sql.ts puts on statements that run again and again. */
const PREPARED = /^\s*\/\* prepared (\S+) \*\//

function serverGauges(servers: () => readonly ServerState[], registers: Registry[]) {
  const gauge = (name: string, help: string, value: (state: ServerState) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['server'],
      registers,
      collect() {
        for (const state of servers()) this.set({ server: state.name }, value(state))
      },
    })
  gauge(
    'dawnpost_smtp_server_up',
    'Whether an SMTP server is in use: 0 while it fails and is only probed.',
    ({ up }) => Number(up),
  )
  gauge(
    'dawnpost_smtp_connections_open',
    'Connections to an SMTP server that are open now.',
    ({ open }) => open,
  )
  gauge(
    'dawnpost_smtp_connections_max',
    'Connections to an SMTP server that may be open.',
    (server) => server.connections,
  )
}

/**
 * Returns the page that Prometheus reads: the current state of the installation, and what its
 * processes have counted.
 */
export async function exposition(
  gauges: readonly GaugeMetric[],
  snapshots: readonly object[][],
): Promise<string> {
  const registry = new Registry()
  for (const { name, help, samples } of gauges) {
    const labelNames = Object.keys(samples[0]?.labels ?? {})
    const gauge = new Gauge({ name: `dawnpost_${name}`, help, labelNames, registers: [registry] })
    for (const { labels = {}, value } of samples) gauge.set(labels, value)
  }
  const counted = AggregatorRegistry.aggregate(snapshots as unknown as MetricObject[])
  return `${await registry.metrics()}\n${await counted.metrics()}`
}
