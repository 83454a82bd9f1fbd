/** Connects the doctor's checks to what they examine. None of that has to work. */
import { createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import manifest from '../../package.json' with { type: 'json' }
import { type ExaminedSite, examine } from '../actions/operating/doctor/examine.ts'
import { MAX_RESENDS } from '../domain/delivery.ts'
import type { DkimPublicKey } from '../domain/doctor/dkim-record.ts'
import { type DoctorFinding, error, type Group } from '../domain/doctor/finding.ts'
import { messageOf } from '../domain/problem.ts'
import { SECOND } from '../domain/time.ts'
import { openSigner } from '../mail/message/dkim.ts'
import { testConnection } from '../mail/smtp/test-connection.ts'
import { systemClock } from '../platform/clock.ts'
import type { Config } from '../platform/config.ts'
import { openLog } from '../platform/log.ts'
import { type DkimSettings, isLoopback, type SmtpServer } from '../platform/smtp-server.ts'
import { openNames } from '../probes/dns.ts'
import { freeBytesAt, publicAddress, runtime } from '../probes/host.ts'
import { ask, certificateAt } from '../probes/web.ts'
import { fetchRedisFacts } from '../queue/redis-facts.ts'
import * as stores from '../store/index.ts'
import { withoutCredentials } from '../store/postgres/server.ts'
import { openWithoutMigrating } from '../store/postgres/site.ts'
import type { Configuration } from './configuration.ts'
import { storedDkimSettings } from './signers.ts'

export interface DoctorOptions {
  /** Null: all groups. */
  readonly only: readonly Group[] | null
  /** DNS servers to query, `ip` or `ip:port`; null: those of this machine. */
  readonly resolvers: readonly string[] | null
  /** The IP address that mail leaves from, if known. */
  readonly sendingIp: string | null
  readonly blocklists: boolean
}

/** Returns the findings by group. Never rejects, whatever is broken. */
export async function examineSite(
  configuration: Configuration,
  options: DoctorOptions,
): Promise<DoctorFinding[]> {
  const config = configuration.usable
  await using opened = new AsyncDisposableStack()
  const names = opened.adopt(openNames(options.resolvers), (resolver) => resolver.close())
  const patient = await patientOf(configuration, options)
  return await examine(patient, options.only ?? undefined, {
    names,
    policyAt: async (url) => {
      const target = { url: new URL(url), timeoutMs: PROBE_TIMEOUT_MS }
      const addresses = await names.addresses(target.url.hostname)
      const answer = await ask('GET', { ...target, addresses })
      if ('failed' in answer) return answer
      return answer.status === 200 ? answer : { failed: `status ${answer.status}` }
    },
    now: systemClock,
    runtime: { version: manifest.version, leastNode: MIN_NODE_MAJOR, ...runtime() },
    freeBytesAt,
    database: lazily(() => openDatabase(config, opened)),
    stores,
    fetchRedisFacts,
    testConnection,
    ask,
    certificateAt,
  })
}

const MIN_NODE_MAJOR = 26
const PROBE_TIMEOUT_MS = 5 * SECOND

async function openDatabase(config: Config, opened: AsyncDisposableStack) {
  const log = openLog('silent')
  const site = await openWithoutMigrating(
    { ...config, databaseConnections: 3 },
    { existing: true, log, queryTimeoutMs: PROBE_TIMEOUT_MS },
  )
  if (opened.disposed) await site.close()
  else opened.defer(() => site.close())
  const embedded = `embedded, in ${config.dataDir}`
  return { db: site.db, where: config.databaseUrl ? withoutCredentials(site.url) : embedded }
}

function lazily<T>(open: () => Promise<T>): () => Promise<T> {
  let opening: Promise<T> | undefined
  return () => {
    opening ??= open()
    return opening
  }
}

async function patientOf(
  { usable: config, faults, gathered }: Configuration,
  { sendingIp, blocklists }: DoctorOptions,
): Promise<ExaminedSite> {
  const { mail, http } = config
  const servers = mail.servers ?? []
  const from = gathered.given.has('MAIL_FROM') ? mail.from.address : null
  const replyTo = mail.from.replyTo ?? null
  const host = http.publicUrl && new URL(http.publicUrl).hostname
  const keys = await dkimKeysOf(servers, await storedDkimSettings(config).catch(() => null))
  return {
    settings: {
      faults,
      isSandbox: mail.servers === null,
      isProduction: gathered.given.get('NODE_ENV')?.text === 'production',
      secretKeyWeak: config.secretKeyWeak,
      postalAddressMissing: faults.length === 0 && mail.postalAddressMissing,
      from,
      replyTo,
    },
    sending: {
      from,
      replyTo,
      bounceDomain: mail.bounceDomain,
      publicHost: host && !isLoopback(host) ? host : null,
      servers,
      dkimKeys: keys.keys,
      sendingIp,
      ownAddress: publicAddress(),
      blocklists,
    },
    publicUrl: http.publicUrl,
    redisUrl: config.redisUrl,
    dataDir: config.dataDir,
    isEmbedded: config.databaseUrl === null,
    mayBeBehindMinutes: config.mayBeBehind,
    resends: MAX_RESENDS[mail.unknown],
    keyFindings: keys.findings,
  }
}

/**
 * Returns the public keys of all signing keys, without duplicates, and findings about unusable
 * ones.
 */
async function dkimKeysOf(servers: readonly SmtpServer[], kept: DkimSettings | null) {
  const keys = new Map<string, DkimPublicKey>()
  const findings: DoctorFinding[] = []
  for (const server of servers) {
    const dkim = server.dkim === 'off' ? null : (server.dkim ?? kept)
    if (!dkim) continue
    const { domain, selector, keyFile } = dkim
    try {
      const privateKey = await readFile(keyFile, 'utf8')
      openSigner({ domain, selector, privateKey })
      keys.set(`${selector} ${domain}`, { domain, selector, publicKey: publicHalf(privateKey) })
    } catch (cause) {
      findings.push(
        error(
          'configuration.dkim-key',
          `The DKIM key ${keyFile} cannot be used: ${messageOf(cause)}.`,
          {
            subject: keyFile,
            why: 'Dawnpost does not start with a key that cannot sign.',
            fix: 'Make one with `dawnpost dkim`, or correct the file name in SMTP_URL.',
            settings: ['SMTP_URL'],
          },
        ),
      )
    }
  }
  return { keys: [...keys.values()], findings }
}

const publicHalf = (privateKey: string) =>
  createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64')
