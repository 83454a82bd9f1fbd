import { isAbsolute, resolve } from 'node:path'
import { readAddress } from '../domain/address.ts'
import { RETRY_MINUTES, UNKNOWN_POLICIES } from '../domain/delivery.ts'
import { FORM_LIMITS } from '../domain/form-limits.ts'
import { messageOf } from '../domain/problem.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { isWeak } from '../security/weak-key.ts'
import { readRedisGroup } from './redis-url.ts'
import { isLoopback, readServer } from './smtp-server.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** The environment cannot be used; `faults` names each variable and what to do. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

export interface Sender {
  readonly name: string
  readonly address: string
  /** Where replies to course mail go, when not to the sender. */
  readonly replyTo?: string
}

/** SMTP_URL, SMTP_URL_2 … */
const SMTP_NAMES = ['SMTP_URL', ...Array.from({ length: 8 }, (_, index) => `SMTP_URL_${index + 2}`)]

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Reads the environment once. `null` stands for a feature that is off. Throws ConfigError with all faults. */
export function readConfig(env: Env) {
  const faults: string[] = []
  const fault = (name: string, what: string) => {
    faults.push(`${name}: ${what}`)
    return undefined as never
  }
  const text = (name: string) => env[name]?.trim() || null
  const production = env.NODE_ENV === 'production'
  const inProduction = (name: string, why: string) => {
    const value = text(name)
    if (!value && production) fault(name, `missing; ${why}`)
    return value
  }
  const whole = (name: string, fallback: number, max: number) => {
    const value = text(name)
    if (value === null) return fallback
    if (/^\d+$/.test(value) && Number(value) <= max) return Number(value)
    return fault(name, `cannot use "${value}"; use a whole number from 0 to ${max}`)
  }
  const atLeast = (name: string, least: number, value: number) =>
    value < least ? fault(name, `cannot use "${value}"; use at least ${least}`) : value
  const url = (name: string, value: string | null, protocols: readonly string[]) => {
    if (value === null) return null
    const protocol = URL.parse(value)?.protocol ?? ''
    if (protocols.includes(protocol)) return value
    if (protocols.some((one) => value.startsWith(one))) {
      return fault(name, 'cannot be read; in its password, write % as %25, # as %23, / as %2F and ? as %3F')
    }
    return fault(name, `must be an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`)
  }

  const redisUrl = (value: string | null) => {
    try {
      if (value !== null && readRedisGroup(value) !== null) return value
    } catch (error) {
      return fault('REDIS_URL', messageOf(error))
    }
    return url('REDIS_URL', value, ['redis:', 'rediss:'])
  }

  const port = whole('PORT', 3000, 65_535)
  const servers = SMTP_NAMES.filter((name) => text(name)).map((name) => {
    try {
      return readServer(text(name) ?? '', URL.parse(text('PUBLIC_URL') ?? '')?.hostname)
    } catch (error) {
      return fault(name, messageOf(error))
    }
  })
  if (production && servers.length === 0) {
    fault('SMTP_URL', 'missing; without it no mail is sent, and anyone can read all mail in the outbox')
  }
  // Mail that reaches people is asked for what the law and their mailboxes ask.
  const real = production || servers.some((server) => server && !server.loopback)
  const forReal = (name: string, why: string) => {
    const value = text(name)
    if (!value && real) fault(name, `missing; ${why}`)
    return value
  }
  const publicUrl = url('PUBLIC_URL', forReal('PUBLIC_URL', 'links in mails need it'), ['http:', 'https:'])
  if (real && publicUrl && !publicUrl.startsWith('https:') && !isLoopback(new URL(publicUrl).hostname)) {
    fault('PUBLIC_URL', 'must start with https://, or mailbox providers reject the unsubscribe links')
  }
  if (publicUrl && !/^https?:\/\/[^/?#]+\/?$/.test(publicUrl)) fault('PUBLIC_URL', 'must not contain a path')
  const from = readSender(text('MAIL_FROM') ?? 'Dawnpost <morning@dawnpost.example>')
  if (!from) fault('MAIL_FROM', 'must be a sender like "Dawnpost <morning@your-domain.example>"')
  if (real && !text('MAIL_FROM')) fault('MAIL_FROM', 'missing; mail needs a sender')
  const replyTo = text('REPLY_TO') ? readAddress(text('REPLY_TO') ?? '') : null
  if (text('REPLY_TO') && !replyTo) fault('REPLY_TO', 'must be an address like "teacher@your-domain.example"')
  const logLevel = LEVELS.find((level) => level === (text('LOG_LEVEL') ?? 'info'))
  if (!logLevel) fault('LOG_LEVEL', `cannot use "${text('LOG_LEVEL')}"; use one of ${LEVELS.join(', ')}`)
  const secretKeys = (inProduction('SECRET_KEY', 'links and hashes are signed with it') ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean)
  if (production && text('SECRET_KEY') && secretKeys.length === 0) {
    fault('SECRET_KEY', 'missing; links and hashes are signed with it')
  }
  if (secretKeys.some((key) => key.length < 16)) fault('SECRET_KEY', 'too short; use at least 16 characters')
  const unknown = UNKNOWN_POLICIES.find((policy) => policy === (text('UNKNOWN_DELIVERIES') ?? 'resend'))
  if (!unknown) {
    const given = text('UNKNOWN_DELIVERIES')
    fault('UNKNOWN_DELIVERIES', `cannot use "${given}"; use one of ${UNKNOWN_POLICIES.join(', ')}`)
  }
  const postalAddress = forReal('POSTAL_ADDRESS', 'the law requires it in every mail')
  const readyzToken = text('READYZ_TOKEN')
  if (readyzToken && !/^[\x21-\x7e]{16,400}$/.test(readyzToken)) {
    fault('READYZ_TOKEN', 'use at least 16 letters, digits and symbols, without spaces')
  }
  const list = (name: string, read: (one: string) => string | null, like: string) =>
    (text(name)?.split(/[\s,]+/) ?? [])
      .filter(Boolean)
      .map((one) => read(one) ?? fault(name, `"${one}" is not ${like}`))
  const embedOrigins = list('EMBED_ORIGINS', readOrigin, 'a site like https://www.example.com')
  const dataDir = text('DATA_DIR') ?? './data'
  const collector = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']
    .map((name) => url(name, text(name), ['http:', 'https:']))
    .find((one) => one !== null)

  const formLimits = {
    network: whole('FORMS_PER_NETWORK', FORM_LIMITS.network, 1_000_000),
    address: whole('FORMS_PER_ADDRESS', FORM_LIMITS.address, 1_000_000),
    networkAtMost: whole('FORMS_PER_NETWORK_AT_MOST', FORM_LIMITS.networkAtMost, 10_000_000),
  }
  if (formLimits.networkAtMost < Math.max(1, formLimits.network)) {
    fault(
      'FORMS_PER_NETWORK_AT_MOST',
      `must not be less than FORMS_PER_NETWORK, which is ${formLimits.network}`,
    )
  }

  const config = {
    http: {
      /** The sandbox shows all mail without a login, so it listens on this machine only unless told otherwise. */
      host: text('HOST') ?? (servers.length > 0 ? '0.0.0.0' : '127.0.0.1'),
      port,
      // A host outside ASCII stands in headers and links as A-labels.
      publicUrl: publicUrl ? (URL.parse(publicUrl)?.origin ?? null) : null,
      /** How many proxies in front of us are ours to believe. */
      trustProxy: whole('TRUST_PROXY', 0, 9),
      /** Sites that may show our forms. `null`: none may. */
      embedOrigins: text('EMBED_ORIGINS') ? embedOrigins : null,
      /** Names under which the sandbox answers besides this machine's own. */
      allowedHosts: list('ALLOWED_HOSTS', readHost, 'a host like courses.example.com'),
      /** Whoever shows it sees all of /readyz. `null`: this machine alone. */
      readyzToken,
      /** Whom /.well-known/security.txt names, most preferred first. Empty: there is none. */
      securityContacts: list(
        'SECURITY_CONTACT',
        readContact,
        'an address like security@example.com or https://example.com/security',
      ),
    },
    /** Above how many enrollments in ten minutes browsers have to show proof of work. */
    proofAbove: whole('PROOF_ABOVE', 60, 1_000_000),
    /** How often a form is used within an hour before it asks for work, or refuses. */
    formLimits,
    /** Minutes that mail may be behind before /readyz says that it is not ready. */
    mayBeBehind: whole('READYZ_BEHIND_MINUTES', 15, 10_080),
    dataDir: isAbsolute(dataDir) ? dataDir : resolve(dataDir),
    /** `null`: the embedded PostgreSQL under `dataDir`. */
    databaseUrl: withLibpqModes(url('DATABASE_URL', text('DATABASE_URL'), ['postgres:', 'postgresql:'])),
    /** Connections of one process to it, at most, beside those of a queue on it. */
    databaseConnections: atLeast('DATABASE_CONNECTIONS', 2, whole('DATABASE_CONNECTIONS', 10, 1_000)),
    /** `null`: BullMQ's PostgreSQL backend on the same database. */
    redisUrl: redisUrl(text('REDIS_URL')),
    mail: {
      /** The SMTP servers mail goes through. `null`: the sandbox outbox catches all mail. */
      servers: servers.length > 0 ? servers : null,
      /** Mails a minute by recipient's provider or domain; `*` for the others. */
      providerLimits: providerLimits(text('PROVIDER_LIMITS'), (what) => fault('PROVIDER_LIMITS', what)),
      /** What is done with a mail of which nobody knows whether it left. */
      unknown: unknown ?? 'resend',
      /** Minutes to wait after the first failed attempt, the second, and so on. */
      retryMinutes: retryMinutes(text('RETRY_MINUTES'), (what) => fault('RETRY_MINUTES', what)),
      /** How far apart a lesson and an inspiration may be due and still be one mail. 0: they never are. */
      oneMailWithinMs: whole('ONE_MAIL_HOURS', 3, 24) * HOUR,
      from: { ...(from as Sender), ...(replyTo && { replyTo: replyTo.spec }) },
      postalAddress: postalAddress ?? 'POSTAL_ADDRESS is not set yet',
      /** Real mail without the address the law asks for: said at every start. */
      postalAddressMissing: servers.length > 0 && postalAddress === null,
    },
    /** Newest first; the first signs, all verify. Empty: one is made and kept in `dataDir`. */
    secretKeys,
    /** One of them can be guessed: said at every start. */
    secretKeyWeak: secretKeys.some(isWeak),
    log: { level: logLevel ?? 'info' },
    /** Where traces go. `null`: there are none. What else OpenTelemetry has to know it reads by itself. */
    traces: text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' ? null : (collector ?? null),
  }
  if (faults.length > 0) throw new ConfigError(faults)
  return config
}

export type Config = ReturnType<typeof readConfig>

/** PUBLIC_URL's host and ALLOWED_HOSTS, for the author's preview, which needs nothing else of the environment. */
export const readHosts = (env: Env): string[] =>
  [URL.parse(env.PUBLIC_URL ?? '')?.host ?? '', ...(env.ALLOWED_HOSTS ?? '').split(/[\s,]+/)].flatMap(
    (one) => readHost(one) ?? [],
  )

/** Scheme, host and port of an address that has nothing else; or null. */
function readOrigin(text: string): string | null {
  const url = URL.parse(text)
  const isBare = url?.href === `${url?.origin}/`
  // It goes into a header, and a host may hold what has a meaning there.
  if (!isBare || !/^https?:\/\/[a-z0-9.:[\]-]+$/.test(url.origin)) return null
  return url.origin
}

/** A host name or address without scheme and path; a port is left out: it is the name that counts. */
function readHost(text: string): string | null {
  const url = /^[^/?#@*\\]+$/.test(text) ? URL.parse(`http://${text}`) : null
  return url?.hostname ?? null
}

/**
 * The driver takes `sslmode=require` for `verify-full` unless it is told to read it as libpq does: encrypted, and the
 * certificate not looked at unless `sslrootcert` names its authority.
 */
function withLibpqModes(address: string | null): string | null {
  const asked = URL.parse(address ?? '')?.searchParams
  const mode = asked?.get('sslmode') ?? ''
  const differs =
    mode === 'prefer' || mode === 'require' || (mode === 'verify-ca' && asked?.has('sslrootcert'))
  return differs && !asked?.has('uselibpqcompat') ? `${address}&uselibpqcompat=true` : address
}

/** A URI that mails or leads to somebody (RFC 9116, 2.5.3). */
function readContact(text: string): string | null {
  const address = readAddress(text)
  if (address) return `mailto:${address.spec}`
  return /^https:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? text : null
}

/** `Ada <ada@example.com>`, or the name in quotes with all that may stand in them (RFC 5322, 3.2.4). */
function readSender(text: string): Sender | null {
  const shape = /^(?:"(?<quoted>(?:[^"\\\r\n]|\\[^\r\n])*)"\s*|(?<plain>[^<>"\r\n]*))<(?<inner>[^<>]+)>$/
  const { quoted, plain = '', inner } = shape.exec(text)?.groups ?? {}
  const address = readAddress(inner ?? text)
  return address && { name: (quoted?.replace(/\\(.)/g, '$1') ?? plain).trim(), address: address.spec }
}

/** `5,30,60` */
function retryMinutes(text: string | null, fault: (what: string) => void): typeof RETRY_MINUTES {
  if (text === null) return RETRY_MINUTES
  const [first, ...others] = text.split(',').map((part) => (/^\s*\d{1,4}\s*$/.test(part) ? Number(part) : 0))
  const all = [first ?? 0, ...others] as const
  if (all.some((minutes) => minutes < 1 || minutes > DAY / MINUTE)) {
    fault(`cannot use "${text}"; use minutes from 1 to 1440, like ${RETRY_MINUTES.join(',')}`)
  }
  return all
}

/** `gmail=600, example.com=60, *=1200` */
function providerLimits(text: string | null, fault: (what: string) => void): ReadonlyMap<string, number> {
  const parts = text?.split(',').filter((part) => part.trim()) ?? []
  return new Map(
    parts.flatMap((part): [string, number][] => {
      const [, name, perMinute] = /^\s*([a-z0-9.*-]+)\s*=\s*([1-9]\d{0,6})\s*$/i.exec(part) ?? []
      if (name) return [[name.toLowerCase(), Number(perMinute)]]
      fault(`cannot read "${part.trim()}"; use a list like gmail=600, example.com=60, *=1200`)
      return []
    }),
  )
}
