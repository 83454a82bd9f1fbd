/** The configuration: the values of the settings (settings.ts), and the rules between them. */
import { resolve } from 'node:path'
import type { z } from 'zod'
import { DEFAULT_SITE_SETTINGS, siteNameOf } from '../domain/site.ts'
import { HOUR, MINUTE } from '../domain/time.ts'
import { isWeak } from '../security/weak-key.ts'
import { ConfigError } from './config-error.ts'
import { type Env, SANDBOX_SENDER } from './config-values.ts'
import { type Fault, type GatheredSettings, gatherSettings } from './setting-sources.ts'
import { SETTINGS } from './settings.ts'
import { BUILT_IN_SITE, type Site } from './site-folder.ts'
import { isLoopback, type SmtpServer, withEhloName } from './smtp-server.ts'

export { ConfigError, type Env }

type Settings = z.infer<typeof SETTINGS>
type Name = keyof Settings

export const NAMES = Object.keys(SETTINGS.shape) as Name[]
const SMTP_NAMES = NAMES.filter((name) => name.startsWith('SMTP_URL')) as SmtpName[]
type SmtpName = Extract<Name, `SMTP_URL${string}`>

/** The rules run even if values are invalid, so that all faults are reported together. */
const CHECKED = SETTINGS.superRefine(checkRules, { when: () => true })

interface ConfigTerms {
  readonly site?: Site
  /** The contents of the site's .env file, where it counts. */
  readonly dotenv?: Env | undefined
  readonly cwd?: string
}

/** The samples that come with the program, without settings. */
const SAMPLE_SITE: Site = { folder: BUILT_IN_SITE, settings: DEFAULT_SITE_SETTINGS }

/**
 * Reads the environment, .env and the site's settings once. `null` means that a feature is off.
 * Throws ConfigError with all faults.
 */
export function readConfig(env: Env, terms: ConfigTerms = {}) {
  const { config, faults } = tryConfig(env, terms)
  if (config) return config
  throw new ConfigError(faults.map(({ name, message }) => `${name}: ${message}`))
}

/**
 * Like readConfig, but returns the faults and the sources of all settings; `config` is null if
 * there are faults.
 */
export function tryConfig(
  env: Env,
  { site = SAMPLE_SITE, dotenv, cwd = '.' }: ConfigTerms = {},
): {
  config: ReturnType<typeof configOf> | null
  /** Built from the settings without faults, even if others are faulty or missing. */
  usable: ReturnType<typeof configOf>
  faults: readonly Fault[]
  gathered: GatheredSettings
} {
  const { folder, settings } = site
  const gathered = gatherSettings(NAMES, {
    env,
    cwd,
    dotenv: dotenv && { env: dotenv, folder: folder.root },
    site: settings,
  })
  const texts = Object.fromEntries([...gathered.given].map(([name, { text }]) => [name, text]))
  const written = { ...texts, NODE_ENV: texts.NODE_ENV ?? env.NODE_ENV }
  // The schema is used once; compiling it would take longer than interpreting it.
  const { data, error } = CHECKED.safeParse(written, { jitless: true })
  const found = error?.issues.map(({ path: [name], message }) => ({ name: String(name), message }))
  const known = new Set(gathered.faults.map(({ name }) => name))
  const faults = [...gathered.faults, ...(found ?? []).filter(({ name }) => !known.has(name))]
  const place = ({ name }: Fault) => NAMES.indexOf(name as Name)
  faults.sort((fault, other) => place(fault) - place(other))
  const usable = configOf(data ?? usableOf(written), site)
  return { config: faults.length === 0 ? usable : null, usable, faults, gathered }
}

/** Treats settings that cannot be read as not set. */
function usableOf(written: Record<string, string | undefined>): Settings {
  const { error } = SETTINGS.safeParse(written, { jitless: true })
  const faulty = new Set(error?.issues.map(({ path: [name] }) => name))
  const rest = Object.entries(written).filter(([name]) => !faulty.has(name))
  return SETTINGS.parse(Object.fromEntries(rest), { jitless: true })
}

const serversOf = (env: Partial<Settings>): SmtpServer[] =>
  SMTP_NAMES.flatMap((name) => env[name] ?? [])

/** Reports conflicts between variables, considering only those that are valid on their own. */
function checkRules(values: Settings, { addIssue, issues }: z.RefinementCtx): void {
  const faulty = issues.map(({ path }) => path?.[0])
  const usable = Object.entries(values).filter(([name]) => !faulty.includes(name))
  const env: Partial<Settings> = Object.fromEntries(usable)
  const fault = (name: Name, message: string) => addIssue({ code: 'custom', path: [name], message })
  const need = (name: Name, why: string) => env[name] === null && fault(name, `missing; ${why}`)
  const isProduction = env.NODE_ENV === 'production'
  if (isProduction) {
    if (SMTP_NAMES.every((name) => env[name] === null)) need('SMTP_URL', WITHOUT_SERVER)
    if (env.SECRET_KEY?.length === 0)
      fault('SECRET_KEY', 'missing; links and hashes are signed with it')
  }
  // Mail to real people has to meet the law and the rules of mailbox providers.
  if (isProduction || serversOf(env).some(({ loopback }) => !loopback)) {
    need('PUBLIC_URL', 'links in mails need it')
    need('MAIL_FROM', 'mail needs a sender')
    need('POSTAL_ADDRESS', 'the law requires it in every mail')
    if (env.PUBLIC_URL && !isSafe(env.PUBLIC_URL)) fault('PUBLIC_URL', UNSAFE)
  }
  checkBounces(env, fault)
  if (env.PUBLIC_URL && !PUBLIC_URL.test(env.PUBLIC_URL))
    fault('PUBLIC_URL', 'must be a host, with a path at most: https://example.org/mail')
  const { FORMS_PER_NETWORK: least, FORMS_PER_NETWORK_AT_MOST: most } = env
  if (least !== undefined && most !== undefined && most < Math.max(1, least))
    fault('FORMS_PER_NETWORK_AT_MOST', `must not be less than FORMS_PER_NETWORK, which is ${least}`)
}

/** The listener accepts mail for this domain only, and a certificate is useless without its key. */
function checkBounces(env: Partial<Settings>, fault: (name: Name, message: string) => void): void {
  if (env.BOUNCE_LISTEN && env.BOUNCE_DOMAIN === null)
    fault('BOUNCE_DOMAIN', 'missing; BOUNCE_LISTEN takes mail for this domain alone')
  const { BOUNCE_TLS_CERT: cert, BOUNCE_TLS_KEY: key } = env
  if (cert && key === null) fault('BOUNCE_TLS_KEY', 'missing; BOUNCE_TLS_CERT needs its key')
  if (key && cert === null)
    fault('BOUNCE_TLS_CERT', 'missing; BOUNCE_TLS_KEY needs its certificate')
}

const PUBLIC_URL = /^https?:\/\/[^/?#]+(\/[\w.~-]+)*\/?$/
const WITHOUT_SERVER = 'without it no mail is sent, and anyone can read all mail in the outbox'
const UNSAFE = 'must start with https://, or mailbox providers reject the unsubscribe links'
const isSafe = (url: string) => url.startsWith('https:') || isLoopback(new URL(url).hostname)

function configOf(env: Settings, site: Site) {
  const { folder, settings } = site
  const address = URL.parse(env.PUBLIC_URL ?? '')
  const servers = serversOf(env).map((server) => withEhloName(address?.hostname ?? '', server))
  const isTraced = env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true'
  const collector = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT
  return {
    site,
    http: httpOf(env, { address, isSandbox: servers.length === 0 }),
    proofAbove: env.PROOF_ABOVE,
    formLimits: {
      network: env.FORMS_PER_NETWORK,
      address: env.FORMS_PER_ADDRESS,
      networkAtMost: env.FORMS_PER_NETWORK_AT_MOST,
    },
    mayBeBehind: env.READYZ_BEHIND_MINUTES,
    retention: { passingDays: env.KEEP_PASSING_DAYS, endedDays: env.KEEP_ENDED_DAYS },
    dataDir: env.DATA_DIR === null ? folder.data : resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    databaseConnections: env.DATABASE_CONNECTIONS,
    redisUrl: env.REDIS_URL,
    mail: mailOf(env, servers, settings),
    webhooks: webhooksOf(env),
    bounces: bouncesOf(env),
    secretKeys: env.SECRET_KEY,
    /** One of them can be guessed: reported at every start. */
    secretKeyWeak: env.SECRET_KEY.some(isWeak),
    log: { level: env.LOG_LEVEL },
    /** Where traces are sent. `null`: no traces. */
    traces: isTraced ? collector : null,
  }
}

interface HttpTerms {
  readonly address: URL | null
  readonly isSandbox: boolean
}

const httpOf = (env: Settings, { address, isSandbox }: HttpTerms) => ({
  /** The sandbox shows all mail without a login, so by default it listens on this machine only. */
  host: env.HOST ?? (isSandbox ? '127.0.0.1' : '0.0.0.0'),
  port: env.PORT,
  /** Non-ASCII hosts appear in headers and links as A-labels. */
  publicUrl: address && address.origin + address.pathname.replace(/\/$/, ''),
  trustProxy: env.TRUST_PROXY,
  embedOrigins: env.EMBED_ORIGINS,
  allowedHosts: env.ALLOWED_HOSTS,
  readyzToken: env.READYZ_TOKEN,
  securityContacts: env.SECURITY_CONTACT,
})

/** The credentials for each provider's webhook. `null`: the provider has none. */
const webhooksOf = (env: Settings) => ({
  ses: env.SES_TOPIC_ARNS.length > 0 ? env.SES_TOPIC_ARNS : null,
  postmark: env.POSTMARK_WEBHOOK_AUTH,
  mailgun: env.MAILGUN_SIGNING_KEY,
  sendgrid: env.SENDGRID_WEBHOOK_KEY,
  brevo: env.BREVO_WEBHOOK_AUTH,
  resend: env.RESEND_WEBHOOK_SECRET,
  toleranceMs: env.WEBHOOK_TOLERANCE_MINUTES * MINUTE,
})

const mailOf = (env: Settings, servers: readonly SmtpServer[], settings: Site['settings']) => ({
  /** `null`: the sandbox outbox catches all mail. */
  servers: servers.length > 0 ? servers : null,
  providerLimits: new Map(env.PROVIDER_LIMITS),
  unknown: env.UNKNOWN_DELIVERIES,
  retryMinutes: env.RETRY_MINUTES,
  oneMailWithinMs: env.ONE_MAIL_HOURS * HOUR,
  from: {
    ...senderOf(env.MAIL_FROM, settings),
    ...(env.REPLY_TO && { replyTo: env.REPLY_TO }),
  },
  /** `null`: the envelope sender of all mail is the sender's address. */
  bounceDomain: env.BOUNCE_DOMAIN,
  softLimit: env.SOFT_BOUNCES,
  guardLimits: { complaints: env.COMPLAINT_RATE, bounces: env.BOUNCE_RATE },
  /** `null`: nobody is mailed about a pause. */
  operatorEmail: env.OPERATOR_EMAIL,
  postalAddress: env.POSTAL_ADDRESS ?? 'POSTAL_ADDRESS is not set yet',
  /** Real mail lacks the postal address that the law requires: reported at every start. */
  postalAddressMissing: servers.length > 0 && env.POSTAL_ADDRESS === null,
})

/** How returned mail is received. `null`: not in this way. */
const bouncesOf = (env: Settings) => ({
  imap: env.BOUNCE_IMAP_URL,
  listen: env.BOUNCE_LISTEN,
  tls:
    env.BOUNCE_TLS_CERT && env.BOUNCE_TLS_KEY
      ? { certFile: env.BOUNCE_TLS_CERT, keyFile: env.BOUNCE_TLS_KEY }
      : null,
})

/** A sender without a name gets the site's name. */
const senderOf = (given: Settings['MAIL_FROM'], settings: Site['settings']) => {
  const { name, address } = given ?? { name: siteNameOf(settings, ''), address: SANDBOX_SENDER }
  return { name: name || (settings.name ?? ''), address }
}

export type Config = ReturnType<typeof readConfig>
