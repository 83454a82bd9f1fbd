/** The configuration: what the settings come to, and the rules between them. See settings.ts. */
import { isAbsolute, resolve } from 'node:path'
import type { z } from 'zod'
import { HOUR } from '../domain/time.ts'
import { isWeak } from '../security/weak-key.ts'
import { ConfigError } from './config-error.ts'
import type { Env } from './config-values.ts'
import { SETTINGS } from './settings.ts'
import { isLoopback, namedAfter, type SmtpServer } from './smtp-server.ts'

export { ConfigError, type Env }

type Settings = z.infer<typeof SETTINGS>
type Name = keyof Settings

const NAMES = Object.keys(SETTINGS.shape) as Name[]
const SMTP_NAMES = NAMES.filter((name) => name.startsWith('SMTP_URL')) as SmtpName[]
type SmtpName = Extract<Name, `SMTP_URL${string}`>

/** The rules are asked whatever else is wrong, so that all faults are told at once. */
const CHECKED = SETTINGS.superRefine(checkRules, { when: () => true })

/**
 * Reads the environment once. `null` stands for a feature that is off. Throws ConfigError with all
 * faults.
 */
export function readConfig(env: Env) {
  const written = { ...withoutBlanks(env), NODE_ENV: env.NODE_ENV }
  // It is read once, and compiling the schema first takes longer than that.
  const { data, error } = CHECKED.safeParse(written, { jitless: true })
  if (data) return configOf(data)
  const faults = error.issues.map(({ path: [name], message }) => ({ name: name as Name, message }))
  faults.sort((one, other) => NAMES.indexOf(one.name) - NAMES.indexOf(other.name))
  throw new ConfigError(faults.map(({ name, message }) => `${name}: ${message}`))
}

/** A variable that is empty is as one that is not set. */
const withoutBlanks = (env: Env) =>
  Object.fromEntries(NAMES.map((name) => [name, env[name]?.trim() || undefined]))

const serversOf = (env: Partial<Settings>): SmtpServer[] =>
  SMTP_NAMES.flatMap((name) => env[name] ?? [])

/** Tells the faults between variables, of those that have none of their own. */
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
  // Mail that reaches people is asked for what the law and their mailboxes ask.
  if (isProduction || serversOf(env).some(({ loopback }) => !loopback)) {
    need('PUBLIC_URL', 'links in mails need it')
    need('MAIL_FROM', 'mail needs a sender')
    need('POSTAL_ADDRESS', 'the law requires it in every mail')
    if (env.PUBLIC_URL && !isSafe(env.PUBLIC_URL)) fault('PUBLIC_URL', UNSAFE)
  }
  if (env.PUBLIC_URL && !/^https?:\/\/[^/?#]+\/?$/.test(env.PUBLIC_URL))
    fault('PUBLIC_URL', 'must not contain a path')
  const { FORMS_PER_NETWORK: least, FORMS_PER_NETWORK_AT_MOST: most } = env
  if (least !== undefined && most !== undefined && most < Math.max(1, least))
    fault('FORMS_PER_NETWORK_AT_MOST', `must not be less than FORMS_PER_NETWORK, which is ${least}`)
}

const WITHOUT_SERVER = 'without it no mail is sent, and anyone can read all mail in the outbox'
const UNSAFE = 'must start with https://, or mailbox providers reject the unsubscribe links'
const isSafe = (url: string) => url.startsWith('https:') || isLoopback(new URL(url).hostname)

function configOf(env: Settings) {
  const site = URL.parse(env.PUBLIC_URL ?? '')
  const servers = serversOf(env).map((server) => namedAfter(site?.hostname ?? '', server))
  const isTraced = env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true'
  const collector = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT
  return {
    http: httpOf(env, { site, isSandbox: servers.length === 0 }),
    proofAbove: env.PROOF_ABOVE,
    formLimits: {
      network: env.FORMS_PER_NETWORK,
      address: env.FORMS_PER_ADDRESS,
      networkAtMost: env.FORMS_PER_NETWORK_AT_MOST,
    },
    mayBeBehind: env.READYZ_BEHIND_MINUTES,
    dataDir: isAbsolute(env.DATA_DIR) ? env.DATA_DIR : resolve(env.DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    databaseConnections: env.DATABASE_CONNECTIONS,
    redisUrl: env.REDIS_URL,
    mail: mailOf(env, servers),
    secretKeys: env.SECRET_KEY,
    /** One of them can be guessed: said at every start. */
    secretKeyWeak: env.SECRET_KEY.some(isWeak),
    log: { level: env.LOG_LEVEL },
    /** Where traces go. `null`: there are none. */
    traces: isTraced ? collector : null,
  }
}

interface HttpTerms {
  readonly site: URL | null
  readonly isSandbox: boolean
}

const httpOf = (env: Settings, { site, isSandbox }: HttpTerms) => ({
  /**
   * The sandbox shows all mail without a login, so it listens on this machine only unless told
   * otherwise.
   */
  host: env.HOST ?? (isSandbox ? '127.0.0.1' : '0.0.0.0'),
  port: env.PORT,
  /** A host outside ASCII stands in headers and links as A-labels. */
  publicUrl: site?.origin ?? null,
  trustProxy: env.TRUST_PROXY,
  embedOrigins: env.EMBED_ORIGINS,
  allowedHosts: env.ALLOWED_HOSTS,
  readyzToken: env.READYZ_TOKEN,
  securityContacts: env.SECURITY_CONTACT,
})

const NOBODY = { name: 'Dawnpost', address: 'morning@dawnpost.example' }

const mailOf = (env: Settings, servers: readonly SmtpServer[]) => ({
  /** `null`: the sandbox outbox catches all mail. */
  servers: servers.length > 0 ? servers : null,
  providerLimits: new Map(env.PROVIDER_LIMITS),
  unknown: env.UNKNOWN_DELIVERIES,
  retryMinutes: env.RETRY_MINUTES,
  oneMailWithinMs: env.ONE_MAIL_HOURS * HOUR,
  from: { ...(env.MAIL_FROM ?? NOBODY), ...(env.REPLY_TO && { replyTo: env.REPLY_TO }) },
  postalAddress: env.POSTAL_ADDRESS ?? 'POSTAL_ADDRESS is not set yet',
  /** Real mail without the address the law asks for: said at every start. */
  postalAddressMissing: servers.length > 0 && env.POSTAL_ADDRESS === null,
})

export type Config = ReturnType<typeof readConfig>
