/**
 * The address of an SMTP server as people write it, with passwords and host names that a strict URL
 * does not allow.
 */

interface SmtpUrl {
  readonly secure: boolean
  /** An IPv6 address in brackets, or a name in ASCII. */
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
 * Parses an address. User and password may hold unencoded what a URL would percent-encode, as long
 * as the meaning is clear. Throws a RangeError that never repeats a password.
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
 * Returns every way to read it as `login@host:port?settings`, since a password or a file name may
 * contain an `@`.
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

/** An unknown setting means that its `?` was part of the password. */
const isPlausible = ({ settings }: Split, known: readonly string[]) =>
  [...settings.keys()].every((name) => known.includes(name))

/**
 * Reads the `user:password` of an address, as it is or percent-encoded; null if there is no user.
 * Throws a RangeError that never repeats it.
 */
export function readLogin(login: string): SmtpUrl['auth'] {
  const colon = login.indexOf(':')
  const [user, pass] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)]
  if (user === '') return null
  const isEncoded = ESCAPE.test(login)
  // A half-encoded login is ambiguous.
  if (isEncoded && (/[#/?]/.test(login) || !ESCAPES.test(login))) throw new RangeError(ENCODE)
  if (!isEncoded) return { user, pass }
  try {
    return { user: decodeURIComponent(user), pass: decodeURIComponent(pass) }
  } catch {
    throw new RangeError(ENCODE)
  }
}

/**
 * Non-special URL schemes such as smtp leave non-ASCII host names as they are; http converts them
 * to A-labels (RFC 5890).
 */
function asciiHost(host: string): string {
  const hostname = URL.parse(`http://${host}`)?.hostname
  if (!hostname) throw new RangeError(SHAPE)
  return hostname
}
