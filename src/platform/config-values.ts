/** Parsers for the values of environment variables. */
import { isPlainAddress, readAddress } from '../domain/address.ts'
import { RETRY_MINUTES } from '../domain/delivery.ts'
import type { GuardLimits } from '../domain/guard-rails.ts'
import type { SoftBounceLimit } from '../domain/suppression.ts'
import { DAY, MINUTE } from '../domain/time.ts'

export type Env = Readonly<Record<string, string | undefined>>

export interface Sender {
  readonly name: string
  readonly address: string
  /** Where replies to course mail go, if not to the sender. */
  readonly replyTo?: string
}

/** The sandbox's sender. */
export const SANDBOX_SENDER = 'morning@dawnpost.example'

/** Returns the origin (scheme, host and port) of a URL that has nothing else, or null. */
export function readOrigin(text: string): string | null {
  const url = URL.parse(text)
  const isBare = url?.href === `${url?.origin}/`
  // The origin goes into a header, and a host may contain characters with a meaning there.
  if (!isBare || !/^https?:\/\/[a-z0-9.:[\]-]+$/.test(url.origin)) return null
  return url.origin
}

/**
 * Returns a host name or address given without scheme and path, or null. A port is dropped: only
 * the name counts.
 */
export function readHost(text: string): string | null {
  const url = /^[^/?#@*\\]+$/.test(text) ? URL.parse(`http://${text}`) : null
  return url?.hostname ?? null
}

/**
 * Returns PUBLIC_URL's host and ALLOWED_HOSTS, for the author's preview, which needs nothing else
 * from the environment.
 */
export const readHosts = (env: Env): string[] =>
  [
    URL.parse(env.PUBLIC_URL ?? '')?.host ?? '',
    ...(env.ALLOWED_HOSTS ?? '').split(/[\s,]+/),
  ].flatMap((text) => readHost(text) ?? [])

/**
 * The driver treats `sslmode=require` as `verify-full` unless told to follow libpq: encrypted,
 * without checking the certificate unless `sslrootcert` names its authority.
 */
export function withLibpqModes(address: string): string {
  const asked = URL.parse(address)?.searchParams
  const mode = asked?.get('sslmode') ?? ''
  const differs =
    mode === 'prefer' || mode === 'require' || (mode === 'verify-ca' && asked?.has('sslrootcert'))
  return differs && !asked?.has('uselibpqcompat') ? `${address}&uselibpqcompat=true` : address
}

/** Returns a URI to mail or visit (RFC 9116, 2.5.3), or null. */
export function readContact(text: string): string | null {
  const address = readAddress(text)
  if (address) return isPlainAddress(address) ? `mailto:${address.spec}` : null
  return /^https:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? text : null
}

/**
 * Reads `Ada <ada@example.com>`; the name may be a quoted string (RFC 5322, 3.2.4). Null if it is
 * neither that nor a bare address.
 */
export function readSender(text: string): Sender | null {
  const shape =
    /^(?:"(?<quoted>(?:[^"\\\r\n]|\\[^\r\n])*)"\s*|(?<plain>[^<>"\r\n]*))<(?<inner>[^<>]+)>$/
  const { quoted, plain = '', inner } = shape.exec(text)?.groups ?? {}
  const address = readAddress(inner ?? text)
  if (!address || !isPlainAddress(address)) return null
  return { name: (quoted?.replace(/\\(.)/g, '$1') ?? plain).trim(), address: address.spec }
}

/** Reads a list of minutes such as `5,30,60`. Throws a RangeError. */
export function readRetryMinutes(text: string): typeof RETRY_MINUTES {
  const [first, ...rest] = text
    .split(',')
    .map((part) => (/^\s*\d{1,4}\s*$/.test(part) ? Number(part) : 0))
  const waits = [first ?? 0, ...rest] as const
  if (waits.every((minutes) => minutes >= 1 && minutes <= DAY / MINUTE)) return waits
  const example = RETRY_MINUTES.join(',')
  throw new RangeError(`cannot use "${text}"; use minutes from 1 to 1440, like ${example}`)
}

/** Reads a limit such as `5 in 14 days`. Throws a RangeError. */
export function readSoftLimit(text: string): SoftBounceLimit {
  const [, count = '', days = ''] = /^\s*(\d{1,3})\s+in\s+(\d{1,3})\s+days?\s*$/i.exec(text) ?? []
  if (Number(count) > 0 && days !== '') return { count: Number(count), days: Number(days) }
  throw new RangeError(`cannot use "${text}"; use a number and days, like 5 in 14 days`)
}

const PERCENT = String.raw`(\d{1,2}(?:\.\d{1,3})?)\s*%?`
const isOff = (text: string) => text.trim().toLowerCase() === 'off'

/**
 * Reads the percentages at which to warn and to pause, such as `0.1, 0.3`; `off` is null. Throws a
 * RangeError.
 */
export function readComplaintRate(text: string): GuardLimits['complaints'] {
  if (isOff(text)) return null
  const [, warn, pause] =
    new RegExp(String.raw`^\s*${PERCENT}\s*,\s*${PERCENT}\s*$`).exec(text) ?? []
  const limits = { warn: Number(warn) / 100, pause: Number(pause) / 100 }
  if (limits.warn > 0 && limits.warn <= limits.pause) return limits
  throw new RangeError(
    `cannot use "${text}"; use percent at which to warn and to pause, like 0.1, 0.3, or off`,
  )
}

/** Reads the percentage above which to pause, such as `5`; `off` is null. Throws a RangeError. */
export function readBounceRate(text: string): GuardLimits['bounces'] {
  if (isOff(text)) return null
  const [, percent] = new RegExp(String.raw`^\s*${PERCENT}\s*$`).exec(text) ?? []
  if (Number(percent) > 0) return Number(percent) / 100
  throw new RangeError(`cannot use "${text}"; use percent above which to pause, like 5, or off`)
}

/** Reads one part of `gmail=600, example.com=60, *=1200`. Throws a RangeError. */
export function readProviderLimit(part: string): readonly [name: string, perMinute: number] {
  const [, name, perMinute] = /^\s*([a-z0-9.*-]+)\s*=\s*([1-9]\d{0,6})\s*$/i.exec(part) ?? []
  if (name) return [name.toLowerCase(), Number(perMinute)]
  const example = 'gmail=600, example.com=60, *=1200'
  throw new RangeError(`cannot read "${part.trim()}"; use a list like ${example}`)
}

/** Reads comma-separated keys of at least 16 characters. Throws a RangeError. */
export function readSecretKeys(text: string): string[] {
  const keys = text
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean)
  if (keys.every((key) => key.length >= 16)) return keys
  throw new RangeError('too short; use at least 16 characters')
}

const ESCAPES = 'in its password, write % as %25, # as %23, / as %2F and ? as %3F'

/**
 * Returns a URL with one of `schemes`, as it was written. Throws a RangeError that never repeats
 * it.
 */
export function readUrl(text: string, ...schemes: readonly string[]): string {
  if (schemes.some((scheme) => URL.parse(text)?.protocol === `${scheme}:`)) return text
  const starts = schemes.map((scheme) => `${scheme}://`).join(' or ')
  const isBegun = schemes.some((scheme) => text.startsWith(`${scheme}:`))
  throw new RangeError(
    isBegun ? `cannot be read; ${ESCAPES}` : `must be an address that starts with ${starts}`,
  )
}
