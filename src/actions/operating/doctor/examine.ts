/** Checks everything that a site needs to send mail, and reports what is wrong. Changes nothing. */

import type { Certificate } from '../../../domain/doctor/certificate.ts'
import { type DoctorFinding, type Group, info } from '../../../domain/doctor/finding.ts'
import { type DatabaseFacts, judgeDatabase } from '../../../domain/doctor/judge-database.ts'
import {
  judgeDisk,
  judgeMail,
  judgeRuntime,
  judgeSettings,
  type ReportTotals,
  type Runtime,
  type SettingsFacts,
} from '../../../domain/doctor/judge-host.ts'
import { addressRecord } from '../../../domain/doctor/judge-names.ts'
import {
  judgeRedis,
  type RedisFacts,
  redisUnreachable,
} from '../../../domain/doctor/judge-queue.ts'
import { judgeSmtp, type SmtpProbe } from '../../../domain/doctor/judge-smtp.ts'
import {
  type FetchOutcome,
  judgeLocalUrl,
  judgeNoAddress,
  judgeVisit,
} from '../../../domain/doctor/judge-web.ts'
import { messageOf, Problem } from '../../../domain/problem.ts'
import type { SmtpServer } from '../../../platform/smtp-server.ts'
import type { WebTarget } from '../../../probes/web.ts'
import type * as stores from '../../../store/index.ts'
import type { Db } from '../../../store/postgres/sql.ts'
import { receiverSummaries } from '../../shared/receiver-summary.ts'
import { haltedServers } from '../servers.ts'
import { type Check, runChecks } from './check.ts'
import { type Deps as DnsDeps, dnsChecks, type SenderSetup } from './dns.ts'

/** A site, as far as its settings can be used. */
export interface ExaminedSite {
  readonly settings: SettingsFacts
  readonly sending: SenderSetup
  readonly publicUrl: string | null
  readonly redisUrl: string | null
  readonly dataDir: string
  /** Whether the database is the one under DATA_DIR. */
  readonly isEmbedded: boolean
  readonly mayBeBehindMinutes: number
  readonly resends: number
  /** What was found while the keys were read. */
  readonly keyFindings: readonly DoctorFinding[]
}

export interface Deps extends DnsDeps {
  /** Returns the real time, even in the sandbox. */
  readonly now: () => Temporal.Instant
  readonly runtime: Runtime
  readonly freeBytesAt: (folder: string) => Promise<number>
  /** Opens an existing database. Rejects with a Problem if it cannot be used. */
  readonly database: () => Promise<{ readonly db: Db; readonly where: string }>
  readonly stores: Pick<
    typeof stores,
    | 'behind'
    | 'courses'
    | 'health'
    | 'lineage'
    | 'pausedSeries'
    | 'processes'
    | 'receiverReports'
    | 'refusingServers'
    | 'sandbox'
    | 'unknowns'
  >
  readonly fetchRedisFacts: (url: string) => Promise<RedisFacts>
  readonly testConnection: (server: SmtpServer, timeoutMs: number) => Promise<SmtpProbe>
  readonly ask: (method: 'GET' | 'HEAD', target: WebTarget) => Promise<FetchOutcome>
  readonly certificateAt: (target: WebTarget) => Promise<Certificate | null>
}

/** Returns all findings of these groups, by group. Takes a few seconds, and never rejects. */
export const examine = (
  patient: ExaminedSite,
  only: readonly Group[] | undefined,
  deps: Deps,
): Promise<DoctorFinding[]> =>
  runChecks(
    [
      {
        group: 'configuration',
        what: 'the settings',
        run: async () => [...judgeSettings(patient.settings), ...patient.keyFindings],
      },
      ...hostChecks(patient, deps),
      ...databaseChecks(patient, deps),
      queueCheck(patient, deps),
      ...patient.sending.servers.map((server) => smtpCheck(server, deps)),
      ...dnsChecks(patient.sending, deps),
      webCheck(patient, deps),
    ],
    only,
  )

const hostChecks = ({ dataDir, isEmbedded }: ExaminedSite, deps: Deps): Check[] => [
  {
    group: 'host',
    what: 'this machine',
    run: async () => judgeRuntime(deps.runtime, deps.now()),
  },
  {
    group: 'host',
    what: `the disk of ${dataDir}`,
    run: async () => [
      judgeDisk({
        folder: dataDir,
        freeBytes: await deps.freeBytesAt(dataDir),
        hasDatabase: isEmbedded,
      }),
    ],
  },
]

function databaseChecks(patient: ExaminedSite, deps: Deps): Check[] {
  let asked: Promise<DatabaseFacts> | undefined
  const facts = async () => {
    const { db, where } = await deps.database()
    return { where, ...(await deps.stores.health.facts(db, deps.now)) }
  }
  const once = () => {
    asked ??= facts()
    return asked
  }
  return [
    {
      group: 'database',
      what: 'the database',
      run: async () => {
        try {
          return judgeDatabase(await once())
        } catch (thrown) {
          if (thrown instanceof Problem && thrown.code === 'not_found') return [noDatabase(patient)]
          throw thrown
        }
      },
    },
    { group: 'mail', what: 'the mail that is due', run: () => mailFindings(patient, once, deps) },
  ]
}

const noDatabase = ({ isEmbedded, dataDir }: ExaminedSite) =>
  info(
    'database.none',
    isEmbedded
      ? `There is no database in ${dataDir} yet.`
      : 'The database at DATABASE_URL is empty.',
    {
      why: 'The first start creates what is needed. If the site has been started before, this is not its database.',
      fix: 'Start Dawnpost: `npm start`.',
      settings: [isEmbedded ? 'DATA_DIR' : 'DATABASE_URL'],
    },
  )

/** Returns nothing if the database's own check says why it cannot be queried. */
async function mailFindings(
  { settings, mayBeBehindMinutes, resends }: ExaminedSite,
  facts: () => Promise<DatabaseFacts>,
  { database, stores, now }: Deps,
): Promise<DoctorFinding[]> {
  const known = await facts().catch(() => null)
  if (known === null || known.migration.pending > 0 || known.migration.newer) return []
  const { db } = await database()
  const ahead = settings.isSandbox ? await stores.sandbox.clockAhead(db) : 0
  const at = now().add({ milliseconds: ahead })
  const slugs = (await stores.courses.live(db)).map(({ slug }) => slug)
  const { heldSince } = await stores.lineage.read(db)
  return judgeMail({
    behind: await stores.behind.oldest(db, slugs, { now: at, resends }),
    now: at,
    mayBeBehindMinutes,
    unknown: (await stores.unknowns.list(db, resends, 1_000)).length,
    halted: Object.keys(await haltedServers({ db, stores })),
    heldSince: heldSince && String(heldSince),
    paused: (await stores.pausedSeries.all(db)).flatMap(({ series, since }) =>
      since ? [series] : [],
    ),
    reported: await reportedSince(db, at.subtract({ hours: REPORTED_HOURS }), stores),
  })
}

const REPORTED_HOURS = 7 * 24

async function reportedSince(
  db: Db,
  since: Temporal.Instant,
  stores: Pick<Deps['stores'], 'receiverReports'>,
): Promise<ReportTotals[]> {
  const summaries = await receiverSummaries(since, { db, stores })
  return summaries.map(({ kind, domain, good, bad, details }) => {
    const [worst] = details.filter(({ isGood }) => !isGood)
    return { kind, domain, good, bad, worst: worst ? `${worst.source} (${worst.how})` : null }
  })
}

const queueCheck = ({ redisUrl }: ExaminedSite, { fetchRedisFacts }: Deps): Check => ({
  group: 'queue',
  what: 'the queue',
  run: async () => {
    if (redisUrl === null) return [QUEUE_IN_DATABASE]
    try {
      return judgeRedis(await fetchRedisFacts(redisUrl))
    } catch (thrown) {
      return [redisUnreachable(messageOf(thrown))]
    }
  },
})

const QUEUE_IN_DATABASE = info(
  'queue.postgres',
  'The queue is in the database: no Redis is needed.',
  { why: 'That is enough for up to some hundred thousand mails a morning.' },
)

const SMTP_TIMEOUT_MS = 8_000

const smtpCheck = (server: SmtpServer, { testConnection, now }: Deps): Check => ({
  group: 'smtp',
  what: server.name,
  run: async () => judgeSmtp(await testConnection(server, SMTP_TIMEOUT_MS), now()),
})

const WEB_TIMEOUT_MS = 4_000
/** A well-formed link of nobody: it leads to the page for links that are not ours. */
const NOBODYS_PATH = '/unsubscribe/1.doctor.doctor.AAAAAAAAAAAAAAAAAAAAAA'

function webCheck({ publicUrl, sending }: ExaminedSite, deps: Deps): Check {
  const what = publicUrl ?? 'PUBLIC_URL'
  const run = async () => {
    const url = publicUrl === null ? null : new URL(publicUrl)
    if (url?.protocol !== 'https:') return [judgeLocalUrl(publicUrl)]
    const host = url.hostname
    const addresses = /^[\d.]+$|^\[/.test(host)
      ? [host.replace(/^\[|\]$/g, '')]
      : await deps.names.addresses(host)
    const ownAddress = sending.sendingIp ?? sending.ownAddress
    if (addresses.length === 0) return [judgeNoAddress(host, [addressRecord(host, ownAddress)])]
    return judgeVisit(await visit(publicUrl ?? '', { host, addresses }, deps), deps.now())
  }
  return { group: 'web', what, run }
}

async function visit(
  base: string,
  { host, addresses }: { host: string; addresses: readonly string[] },
  { ask, certificateAt }: Deps,
) {
  const target = (path: string): WebTarget => ({
    url: new URL(`${base}${path}`),
    addresses,
    timeoutMs: WEB_TIMEOUT_MS,
  })
  const methods = ['GET', 'HEAD'] as const
  const [certificate, health, ...answers] = await Promise.all([
    certificateAt(target('/')),
    ask('GET', target('/healthz')),
    ...methods.map((method) => ask(method, target(NOBODYS_PATH))),
  ])
  const path = `${new URL(`${base}${NOBODYS_PATH}`).pathname}`
  const leaving = answers.flatMap((answer, at) => {
    const method = methods[at]
    return method ? [{ path, method, answer }] : []
  })
  return { url: base, host, addresses, certificate, health, leaving }
}
