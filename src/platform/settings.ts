/**
 * The settings: each environment variable, its meaning, its valid values and its default. README
 * documents them for operators; config.ts has the rules between them.
 */
import { z } from 'zod'
import { isPlainAddress, readAddress } from '../domain/address.ts'
import { RETRY_MINUTES, UNKNOWN_POLICIES } from '../domain/delivery.ts'
import { FORM_LIMITS } from '../domain/form-limits.ts'
import { GUARD_LIMITS } from '../domain/guard-rails.ts'
import { RETENTION_DAYS } from '../domain/retention.ts'
import { SOFT_BOUNCE_LIMIT } from '../domain/suppression.ts'
import { readBounceListen } from './bounce-listen.ts'
import {
  readBounceRate,
  readComplaintRate,
  readContact,
  readHost,
  readOrigin,
  readProviderLimit,
  readRetryMinutes,
  readSecretKeys,
  readSender,
  readSoftLimit,
  readUrl,
  withLibpqModes,
} from './config-values.ts'
import { readImapUrl } from './imap-url.ts'
import { readRedisGroup } from './redis-url.ts'
import { readServer } from './smtp-server.ts'
import { list, oneOf, optional, refuse, variable, whole } from './variables.ts'
import {
  readCredential,
  readSendgridKey,
  readSigningKey,
  readSvixSecret,
  readTopic,
} from './webhook-settings.ts'

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const LONG_TOKEN = /^[\x21-\x7e]{16,400}$/

const smtpServer = optional(variable(readServer))
const webAddress = optional(variable((text) => readUrl(text, 'http', 'https')))
const limit = whole({ most: 1_000_000 })
/** Undo links, and counts of links and bounces, need a month of the ledger. */
const days = whole({ least: 35, most: 36_500 })

const origin = (text: string) =>
  readOrigin(text) ?? refuse(`"${text}" is not a site like https://www.example.com`)
const host = (text: string) =>
  readHost(text) ?? refuse(`"${text}" is not a host like courses.example.com`)
const contact = (text: string) =>
  readContact(text) ??
  refuse(`"${text}" is not an address like security@example.com or https://example.com/security`)
const database = (text: string) => withLibpqModes(readUrl(text, 'postgres', 'postgresql'))
const redis = (text: string) => (readRedisGroup(text) ? text : readUrl(text, 'redis', 'rediss'))
const sender = (text: string) =>
  readSender(text) ?? refuse('must be a sender like "Dawnpost <morning@your-domain.example>"')
const domain = (text: string) =>
  readAddress(`bounces@${text}`)?.spec.split('@')[1] ??
  refuse(`"${text}" is not a domain like bounces.your-domain.example`)
/**
 * Addresses that appear in every mail are ASCII: not every server could carry others (RFC 6531).
 */
const readPlain = (text: string) => {
  const address = readAddress(text)
  return address && isPlainAddress(address) ? address.spec : null
}
const mailbox = (text: string) =>
  readPlain(text) ?? refuse('must be an address like "teacher@your-domain.example"')

/** In the order in which faults are reported. `null`: not set, and no default. */
export const SETTINGS = z.object({
  /** `production` requires the settings that real readers need. */
  NODE_ENV: optional(z.string()),
  /** The SMTP servers that mail goes through. None: the sandbox outbox catches all mail. */
  SMTP_URL: smtpServer,
  SMTP_URL_2: smtpServer,
  SMTP_URL_3: smtpServer,
  SMTP_URL_4: smtpServer,
  SMTP_URL_5: smtpServer,
  SMTP_URL_6: smtpServer,
  SMTP_URL_7: smtpServer,
  SMTP_URL_8: smtpServer,
  SMTP_URL_9: smtpServer,
  /** Newest first; the first signs, all verify. None: one is generated and kept in `DATA_DIR`. */
  SECRET_KEY: variable(readSecretKeys).default([]),
  /** The bearer token for all of /readyz. `null`: only this machine sees it all. */
  READYZ_TOKEN: optional(
    z.string().regex(LONG_TOKEN, 'use at least 16 letters, digits and symbols, without spaces'),
  ),
  /** Sites that may embed our forms. `null`: none may. */
  EMBED_ORIGINS: optional(list(origin)),
  /** The address to listen on. `null`: all addresses of this machine; 127.0.0.1 in the sandbox. */
  HOST: optional(z.string()),
  PORT: whole({ most: 65_535 }).default(3000),
  /** The public address of our pages: scheme and host, and a path if the site lies below one. */
  PUBLIC_URL: webAddress,
  /** How many proxies in front of this server are trusted. */
  TRUST_PROXY: whole({ most: 9 }).default(0),
  /** Host names that the sandbox answers to besides this machine's own. */
  ALLOWED_HOSTS: list(host).default([]),
  /** Contacts in /.well-known/security.txt, most preferred first. Empty: there is no such file. */
  SECURITY_CONTACT: list(contact).default([]),
  /** Requests to one form in ten minutes above which browsers have to show proof of work. */
  PROOF_ABOVE: limit.default(60),
  /** Uses of a form within an hour above which it asks for proof of work, or (AT_MOST) refuses. */
  FORMS_PER_NETWORK: limit.default(FORM_LIMITS.network),
  FORMS_PER_ADDRESS: limit.default(FORM_LIMITS.address),
  FORMS_PER_NETWORK_AT_MOST: whole({ most: 10_000_000 }).default(FORM_LIMITS.networkAtMost),
  /** Minutes that mail may be behind before /readyz reports that it is not ready. */
  READYZ_BEHIND_MINUTES: whole({ most: 10_080 }).default(15),
  /** Where this machine keeps what has to survive a restart. `null`: `data` in the site. */
  DATA_DIR: optional(z.string()),
  /** `null`: the embedded PostgreSQL under `DATA_DIR`. */
  DATABASE_URL: optional(variable(database)),
  /** Connections of one process to it, at most, not counting those of a queue on it. */
  // Comparing a change to a course takes two, and mail needs another one meanwhile.
  DATABASE_CONNECTIONS: whole({ least: 3, most: 1_000 }).default(10),
  /** `null`: BullMQ's PostgreSQL backend on the same database. */
  REDIS_URL: optional(variable(redis)),
  /** The sender of all mail. `null`: the sandbox's sender. */
  MAIL_FROM: optional(variable(sender)),
  /** Where replies to lessons go. `null`: to the sender. */
  REPLY_TO: optional(variable(mailbox)),
  /**
   * The domain that bounces come back to, with an envelope sender for each mail. `null`: they go to
   * the sender.
   */
  BOUNCE_DOMAIN: optional(variable(domain)),
  /** Soft bounces in a row that suppress an address, and the days they must span. */
  SOFT_BOUNCES: variable(readSoftLimit).default(SOFT_BOUNCE_LIMIT),
  /** The mailbox that receives bounces. `null`: none is read. */
  BOUNCE_IMAP_URL: optional(variable(readImapUrl)),
  /** Where bounces are received by SMTP or LMTP. `null`: nowhere. */
  BOUNCE_LISTEN: optional(variable(readBounceListen)),
  /** Certificate and key for STARTTLS there, as PEM files. `null`: STARTTLS is not offered. */
  BOUNCE_TLS_CERT: optional(z.string()),
  BOUNCE_TLS_KEY: optional(z.string()),
  /** Shares of mails reported as spam at which to warn and to pause a series. `null`: never. */
  COMPLAINT_RATE: variable(readComplaintRate).default(GUARD_LIMITS.complaints),
  /** The share of hard bounces above which a series is paused. `null`: never. */
  BOUNCE_RATE: variable(readBounceRate).default(GUARD_LIMITS.bounces),
  /** Who is mailed when something is paused. `null`: nobody. */
  OPERATOR_EMAIL: optional(variable(mailbox)),
  /** Required by law in every mail. */
  POSTAL_ADDRESS: optional(z.string()),
  /** Mails per minute by the recipient's provider or domain; `*` for all others. */
  PROVIDER_LIMITS: list(readProviderLimit, /,/).default([]),
  /** What to do with a mail whose outcome is unknown. */
  UNKNOWN_DELIVERIES: oneOf(UNKNOWN_POLICIES).default('resend'),
  /** Minutes to wait after the first failed attempt, the second, and so on. */
  RETRY_MINUTES: variable(readRetryMinutes).default(RETRY_MINUTES),
  /** Hours that a lesson and an inspiration may be due apart and still share one mail. 0: never. */
  ONE_MAIL_HOURS: whole({ most: 24 }).default(3),
  /** Days that inspirations and answers to requests are kept after their date. */
  KEEP_PASSING_DAYS: days.default(RETENTION_DAYS.passingDays),
  /** Days that all other mails are kept after the end of their enrollment. */
  KEEP_ENDED_DAYS: days.default(RETENTION_DAYS.endedDays),
  /** The SNS topics that may report on mail sent by Amazon SES. Empty: none may. */
  SES_TOPIC_ARNS: list(readTopic).default([]),
  /** Credentials for each provider's webhook. `null`: the provider has none. */
  POSTMARK_WEBHOOK_AUTH: optional(variable(readCredential)),
  MAILGUN_SIGNING_KEY: optional(variable(readSigningKey)),
  SENDGRID_WEBHOOK_KEY: optional(variable(readSendgridKey)),
  BREVO_WEBHOOK_AUTH: optional(variable(readCredential)),
  RESEND_WEBHOOK_SECRET: optional(variable(readSvixSecret)),
  /** Minutes after which the signature of a webhook is too old. */
  WEBHOOK_TOLERANCE_MINUTES: whole({ least: 1, most: 1_440 }).default(5),
  LOG_LEVEL: oneOf(LEVELS).default('info'),
  /** Where traces are sent. OpenTelemetry reads its other variables itself. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: webAddress,
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress,
  /** `true`: no traces. */
  OTEL_SDK_DISABLED: optional(z.string()),
})
