/**
 * The address of a Redis Cluster, or of a Redis behind Sentinels; ioredis itself parses that of a
 * single Redis.
 */

interface Host {
  readonly host: string
  readonly port: number
}

interface Login {
  readonly username?: string
  readonly password?: string
}

/** Several Redis servers that act as one. */
export interface RedisGroup {
  readonly kind: 'cluster' | 'sentinel'
  readonly secure: boolean
  /** Some of the cluster's nodes, or the Sentinels. */
  readonly hosts: readonly Host[]
  readonly login: Login
  /** The Sentinels' name for the primary, the database number, and the login to the Sentinels. */
  readonly master: string
  readonly db: number
  readonly sentinelLogin: Login
}

const PORTS = { cluster: 6379, sentinel: 26379 } as const
const SHAPES = {
  cluster: 'must be an address like redis+cluster://user:password@host:6379,host:6379',
  sentinel: 'must be an address like redis+sentinel://user:password@host:26379,host:26379/mymaster',
} as const
const SETTINGS = ['sentinelUser', 'sentinelPassword']

/**
 * Reads `redis+cluster://…` and
 * `redis+sentinel://…/mymaster[/database][?sentinelUser=…&sentinelPassword=…]`; with `rediss+…` all
 * connections are encrypted. Returns null for any other kind of address. Throws a RangeError that
 * never repeats a password.
 */
export function readRedisGroup(address: string): RedisGroup | null {
  const [, scheme = '', kind, afterScheme = ''] =
    /^(rediss?)\+(cluster|sentinel):\/\/(.*)$/i.exec(address) ?? []
  if (!isKind(kind)) return null
  const at = afterScheme.lastIndexOf('@')
  const [, list = '', path = '', query = ''] =
    /^([^/?#]*)\/?([^?#]*)(?:\?([^#]*))?$/.exec(afterScheme.slice(at + 1)) ?? []
  const hosts = list.split(',').map((host) => hostOf(host, PORTS[kind]))
  if (!hosts.every((host) => host !== null)) throw new RangeError(SHAPES[kind])
  return {
    kind,
    hosts,
    secure: scheme.toLowerCase() === 'rediss',
    login: loginOf(afterScheme.slice(0, Math.max(at, 0))),
    ...(kind === 'sentinel' ? ofSentinel(path, query) : ofCluster(path, query)),
  }
}

const isKind = (kind: string | undefined) => kind === 'cluster' || kind === 'sentinel'

function ofCluster(path: string, query: string) {
  if (path || query)
    throw new RangeError(`${SHAPES.cluster}; a cluster has no databases, and no settings`)
  return { master: '', db: 0, sentinelLogin: {} }
}

function ofSentinel(path: string, query: string) {
  const [, master = '', db = '0'] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(path) ?? []
  if (!master)
    throw new RangeError(`${SHAPES.sentinel}; what the Sentinels call the primary is missing`)
  const settings = new URLSearchParams(query)
  const stranger = [...settings.keys()].find((name) => !SETTINGS.includes(name))
  if (stranger)
    throw new RangeError(`${stranger} is not a setting; use one of ${SETTINGS.join(', ')}`)
  const [username, password] = SETTINGS.map((name) => settings.get(name))
  return {
    master: decoded(master),
    db: Number(db),
    sentinelLogin: { ...(username && { username }), ...(password && { password }) },
  }
}

function hostOf(text: string, usual: number): Host | null {
  const [, host, port] = /^(\[[0-9a-f:.]+\]|[^\s:[\]@]+)(?::(\d{1,5}))?$/i.exec(text) ?? []
  const number = port === undefined ? usual : Number(port)
  if (!host || number < 1 || number > 65_535) return null
  return { host: host.replace(/^\[|\]$/g, ''), port: number }
}

/** `user:password`, `:password`, or nothing. */
function loginOf(text: string): Login {
  if (text === '') return {}
  const colon = text.indexOf(':')
  if (colon < 0) throw new RangeError('a password is missing; write :password@ or user:password@')
  const [username, password] = [decoded(text.slice(0, colon)), decoded(text.slice(colon + 1))]
  return { ...(username && { username }), password }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new RangeError('in its password, write % as %25, # as %23, / as %2F and ? as %3F')
  }
}
