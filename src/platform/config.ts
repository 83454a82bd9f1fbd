import { isAbsolute, resolve } from 'node:path'
import { readAddress } from '../domain/address.ts'
import { UNKNOWN_POLICIES } from '../domain/delivery.ts'
import { FORM_LIMITS } from '../domain/form-limits.ts'
import { messageOf } from '../domain/problem.ts'
import { HOUR } from '../domain/time.ts'
import { isWeak } from '../security/weak-key.ts'
import {
  providerLimits,
  readContact,
  readHost,
  readOrigin,
  readSender,
  retryMinutes,
  type Sender,
  withLibpqModes,
} from './config-values.ts'
import { readRedisGroup } from './redis-url.ts'
import { isLoopback, readServer } from './smtp-server.ts'
import { type Env, openVariables, type Variables } from './variables.ts'

export type { Env }

/** The environment cannot be used; `faults` names each variable and what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/** SMTP_URL, SMTP_URL_2 … */
const SMTP_NAMES = ['SMTP_URL', ...Array.from({ length: 8 }, (_, index) => `SMTP_URL_${index + 2}`)]
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const HTTP = ['http:', 'https:'] as const

/**
 * Reads the environment once. `null` stands for a feature that is off. Throws ConfigError with all
 * faults.
 */
export function readConfig(env: Env) {
  const variables = openVariables(env)
  const { text, whole, oneOf, faults } = variables
  const isProduction = env.NODE_ENV === 'production'
  const servers = readServers(variables, isProduction)
  // Mail that reaches people is asked for what the law and their mailboxes ask.
  const isReal = isProduction || servers.some((server) => server && !server.loopback)
  const secretKeys = readSecretKeys(variables, isProduction)
  const dataDir = text('DATA_DIR') ?? './data'
  const config = {
    http: readHttp(variables, { isReal, isSandbox: servers.length === 0 }),
    /** Above how many enrollments in ten minutes browsers have to show proof of work. */
    proofAbove: whole('PROOF_ABOVE', 60, { most: 1_000_000 }),
    /** How often a form is used within an hour before it asks for work, or refuses. */
    formLimits: readFormLimits(variables),
    /** Minutes that mail may be behind before /readyz says that it is not ready. */
    mayBeBehind: whole('READYZ_BEHIND_MINUTES', 15, { most: 10_080 }),
    dataDir: isAbsolute(dataDir) ? dataDir : resolve(dataDir),
    /** `null`: the embedded PostgreSQL under `dataDir`. */
    databaseUrl: withLibpqModes(variables.url('DATABASE_URL', ['postgres:', 'postgresql:'])),
    /** Connections of one process to it, at most, beside those of a queue on it. */
    databaseConnections: whole('DATABASE_CONNECTIONS', 10, { least: 2, most: 1_000 }),
    /** `null`: BullMQ's PostgreSQL backend on the same database. */
    redisUrl: readRedisUrl(variables),
    mail: readMail(variables, { isReal, servers }),
    /** Newest first; the first signs, all verify. Empty: one is made and kept in `dataDir`. */
    secretKeys,
    /** One of them can be guessed: said at every start. */
    secretKeyWeak: secretKeys.some(isWeak),
    log: { level: oneOf('LOG_LEVEL', LEVELS, 'info') },
    /**
     * Where traces go. `null`: there are none. What else OpenTelemetry has to know it reads by
     * itself.
     */
    traces: readCollector(variables),
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

function readServers({ text, fault }: Variables, isProduction: boolean) {
  const host = URL.parse(text('PUBLIC_URL') ?? '')?.hostname
  const servers = SMTP_NAMES.filter((name) => text(name)).map((name) => {
    try {
      return readServer(text(name) ?? '', host)
    } catch (error) {
      return fault(name, messageOf(error))
    }
  })
  const why = 'without it no mail is sent, and anyone can read all mail in the outbox'
  if (isProduction && servers.length === 0) fault('SMTP_URL', `missing; ${why}`)
  return servers
}

interface HttpTerms {
  readonly isReal: boolean
  readonly isSandbox: boolean
}

function readHttp(variables: Variables, { isReal, isSandbox }: HttpTerms) {
  const { text, whole, list, fault } = variables
  const readyzToken = text('READYZ_TOKEN')
  if (readyzToken && !/^[\x21-\x7e]{16,400}$/.test(readyzToken))
    fault('READYZ_TOKEN', 'use at least 16 letters, digits and symbols, without spaces')
  const contact = 'an address like security@example.com or https://example.com/security'
  const embedOrigins = list('EMBED_ORIGINS', readOrigin, 'a site like https://www.example.com')
  return {
    /**
     * The sandbox shows all mail without a login, so it listens on this machine only unless told
     * otherwise.
     */
    host: text('HOST') ?? (isSandbox ? '127.0.0.1' : '0.0.0.0'),
    port: whole('PORT', 3000, { most: 65_535 }),
    publicUrl: readPublicUrl(variables, isReal),
    /** How many proxies in front of us are ours to believe. */
    trustProxy: whole('TRUST_PROXY', 0, { most: 9 }),
    /** Sites that may show our forms. `null`: none may. */
    embedOrigins: text('EMBED_ORIGINS') ? embedOrigins : null,
    /** Names under which the sandbox answers besides this machine's own. */
    allowedHosts: list('ALLOWED_HOSTS', readHost, 'a host like courses.example.com'),
    /** Whoever shows it sees all of /readyz. `null`: this machine alone. */
    readyzToken,
    /** Whom /.well-known/security.txt names, most preferred first. Empty: there is none. */
    securityContacts: list('SECURITY_CONTACT', readContact, contact),
  }
}

function readPublicUrl(variables: Variables, isReal: boolean): string | null {
  const { url, needed, fault } = variables
  needed('PUBLIC_URL', isReal, 'links in mails need it')
  const publicUrl = url('PUBLIC_URL', HTTP)
  if (!publicUrl) return null
  const isSafe = publicUrl.startsWith('https:') || isLoopback(new URL(publicUrl).hostname)
  const why = 'must start with https://, or mailbox providers reject the unsubscribe links'
  if (isReal && !isSafe) fault('PUBLIC_URL', why)
  if (!/^https?:\/\/[^/?#]+\/?$/.test(publicUrl)) fault('PUBLIC_URL', 'must not contain a path')
  // A host outside ASCII stands in headers and links as A-labels.
  return URL.parse(publicUrl)?.origin ?? null
}

interface MailTerms {
  readonly isReal: boolean
  readonly servers: ReturnType<typeof readServers>
}

function readMail(variables: Variables, { isReal, servers }: MailTerms) {
  const { text, needed, whole, oneOf, fault } = variables
  const from = readSender(text('MAIL_FROM') ?? 'Dawnpost <morning@dawnpost.example>')
  if (!from) fault('MAIL_FROM', 'must be a sender like "Dawnpost <morning@your-domain.example>"')
  needed('MAIL_FROM', isReal, 'mail needs a sender')
  const replyTo = text('REPLY_TO') ? readAddress(text('REPLY_TO') ?? '') : null
  if (text('REPLY_TO') && !replyTo)
    fault('REPLY_TO', 'must be an address like "teacher@your-domain.example"')
  const postalAddress = needed('POSTAL_ADDRESS', isReal, 'the law requires it in every mail')
  const faultOf = (name: string) => (what: string) => fault(name, what)
  return {
    /** The SMTP servers mail goes through. `null`: the sandbox outbox catches all mail. */
    servers: servers.length > 0 ? servers : null,
    /** Mails a minute by recipient's provider or domain; `*` for the others. */
    providerLimits: providerLimits(text('PROVIDER_LIMITS'), faultOf('PROVIDER_LIMITS')),
    /** What is done with a mail of which nobody knows whether it left. */
    unknown: oneOf('UNKNOWN_DELIVERIES', UNKNOWN_POLICIES, 'resend'),
    /** Minutes to wait after the first failed attempt, the second, and so on. */
    retryMinutes: retryMinutes(text('RETRY_MINUTES'), faultOf('RETRY_MINUTES')),
    /**
     * How far apart a lesson and an inspiration may be due and still be one mail. 0: they never
     * are.
     */
    oneMailWithinMs: whole('ONE_MAIL_HOURS', 3, { most: 24 }) * HOUR,
    from: { ...(from as Sender), ...(replyTo && { replyTo: replyTo.spec }) },
    postalAddress: postalAddress ?? 'POSTAL_ADDRESS is not set yet',
    /** Real mail without the address the law asks for: said at every start. */
    postalAddressMissing: servers.length > 0 && postalAddress === null,
  }
}

function readSecretKeys({ needed, text, fault }: Variables, isProduction: boolean): string[] {
  const why = 'links and hashes are signed with it'
  const keys = (needed('SECRET_KEY', isProduction, why) ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean)
  if (isProduction && text('SECRET_KEY') && keys.length === 0)
    fault('SECRET_KEY', `missing; ${why}`)
  if (keys.some((key) => key.length < 16))
    fault('SECRET_KEY', 'too short; use at least 16 characters')
  return keys
}

function readFormLimits({ whole, fault }: Variables) {
  const limits = {
    network: whole('FORMS_PER_NETWORK', FORM_LIMITS.network, { most: 1_000_000 }),
    address: whole('FORMS_PER_ADDRESS', FORM_LIMITS.address, { most: 1_000_000 }),
    networkAtMost: whole('FORMS_PER_NETWORK_AT_MOST', FORM_LIMITS.networkAtMost, {
      most: 10_000_000,
    }),
  }
  const what = `must not be less than FORMS_PER_NETWORK, which is ${limits.network}`
  if (limits.networkAtMost < Math.max(1, limits.network)) fault('FORMS_PER_NETWORK_AT_MOST', what)
  return limits
}

function readRedisUrl({ text, url, fault }: Variables): string | null {
  const value = text('REDIS_URL')
  try {
    if (value !== null && readRedisGroup(value) !== null) return value
  } catch (error) {
    return fault('REDIS_URL', messageOf(error))
  }
  return url('REDIS_URL', ['redis:', 'rediss:'])
}

function readCollector({ text, url }: Variables): string | null {
  const found = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'].map((name) =>
    url(name, HTTP),
  )
  if (text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return null
  return found.find((one) => one !== null) ?? null
}

export type Config = ReturnType<typeof readConfig>

/**
 * PUBLIC_URL's host and ALLOWED_HOSTS, for the author's preview, which needs nothing else of the
 * environment.
 */
export const readHosts = (env: Env): string[] =>
  [
    URL.parse(env.PUBLIC_URL ?? '')?.host ?? '',
    ...(env.ALLOWED_HOSTS ?? '').split(/[\s,]+/),
  ].flatMap((one) => readHost(one) ?? [])
