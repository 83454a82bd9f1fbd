/**
 * The address of an SMTP server as people write it: with passwords and host names that a URL has no
 * room for.
 */

interface SmtpUrl {
  readonly secure: boolean
  /** An IPv6 address in brackets; a name in ASCII. */
  readonly hostname: string
  readonly port: number
  readonly auth: { readonly user: string; readonly pass: string } | null
  readonly settings: URLSearchParams
}

const SHAPE = 'must be an address like smtp://user:password@host:587'
const ENCODE = 'in its user and password, write % as %25, # as %23, / as %2F, ? as %3F and @ as %40'

const SERVER = /^(\[[^\]]+\]|[^\s/?#@:[\]\\]+)(?::(\d{1,5}))?\/?(?:\?([^#]*))?$/
const ESCAPE = /%[0-9a-f]{2}/i
const ESCAPES = /^(?:[^%]|%[0-9a-f]{2})*$/i

/**
 * Takes an address apart. What a URL would have percent-encoded in user and password may stand
 * there as it is, where it can be told what is meant. Throws a RangeError that never repeats a
 * password.
 */
export function readSmtpUrl(address: string, settings: readonly string[]): SmtpUrl {
  const [, scheme, afterScheme = ''] = /^(smtps?):\/\/(.*)$/i.exec(address) ?? []
  if (!scheme) throw new RangeError(SHAPE)
  const splits = splitsOf(afterScheme)
  const chosen = splits.find((split) => isPlausible(split, settings)) ?? splits[0]
  if (!chosen) throw new RangeError(/[#?%]|@.*@/.test(afterScheme) ? `${SHAPE}; ${ENCODE}` : SHAPE)
  const secure = scheme.toLowerCase() === 'smtps'
  const port = chosen.port ? Number(chosen.port) : secure ? 465 : 587
  if (port < 1 || port > 65_535)
    throw new RangeError(`${SHAPE}; a port is a number from 1 to 65535`)
  return {
    secure,
    port,
    hostname: asciiHost(chosen.host),
    auth: readLogin(chosen.login),
    settings: chosen.settings,
  }
}

interface Split {
  readonly login: string
  readonly host: string
  readonly port: string | undefined
  readonly settings: URLSearchParams
}

/**
 * Every way to read it as `login@host:port?settings`: a password, or the name of a file, may hold
 * an `@`.
 */
function splitsOf(afterScheme: string): Split[] {
  const ends = [...afterScheme.matchAll(/@/g)].map(({ index }) => index)
  return [-1, ...ends].flatMap((end) => {
    const [, host, port, query] = SERVER.exec(afterScheme.slice(end + 1)) ?? []
    return host
      ? [
          {
            login: afterScheme.slice(0, Math.max(end, 0)),
            host,
            port,
            settings: new URLSearchParams(query),
          },
        ]
      : []
  })
}

/** Where a setting is unknown, its `?` was a part of the password. */
const isPlausible = ({ settings }: Split, known: readonly string[]) =>
  [...settings.keys()].every((name) => known.includes(name))

/**
 * `user:password` of an address, as it is or percent-encoded; null when there is no user. Throws a
 * RangeError that never repeats it.
 */
export function readLogin(login: string): SmtpUrl['auth'] {
  const colon = login.indexOf(':')
  const [user, pass] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)]
  if (user === '') return null
  const isEncoded = ESCAPE.test(login)
  // What is half encoded can be meant in two ways.
  if (isEncoded && (/[#/?]/.test(login) || !ESCAPES.test(login))) throw new RangeError(ENCODE)
  if (!isEncoded) return { user, pass }
  try {
    return { user: decodeURIComponent(user), pass: decodeURIComponent(pass) }
  } catch {
    throw new RangeError(ENCODE)
  }
}

/**
 * A URL of this scheme leaves names outside ASCII as they are; one of http makes A-labels of them
 * (RFC 5890).
 */
function asciiHost(host: string): string {
  const hostname = URL.parse(`http://${host}`)?.hostname
  if (!hostname) throw new RangeError(SHAPE)
  return hostname
}
