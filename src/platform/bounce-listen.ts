/** The address to listen on for bounces, as given in BOUNCE_LISTEN. */

export interface BounceListen {
  /** As it was written; names the listener in the log. */
  readonly name: string
  /** LMTP (RFC 2033) is how a mail server on the same network hands mail over. */
  readonly protocol: 'smtp' | 'lmtp'
  /** A host of null means all addresses of this machine. */
  readonly at: { readonly host: string | null; readonly port: number } | { readonly path: string }
}

const SHAPE =
  'must be a port or host:port, or for LMTP lmtp://host:port or lmtp:/path/to/socket, like 0.0.0.0:25'

/**
 * Reads `port` or `host:port` for SMTP, `lmtp://host:port` or `lmtp:/path/to/socket` for LMTP. A
 * port alone means all addresses of this machine. Throws a RangeError.
 */
export function readBounceListen(text: string): BounceListen {
  const [, path] = /^lmtp:(\/(?!\/).+)$/.exec(text) ?? []
  if (path) return { name: text, protocol: 'lmtp', at: { path } }
  const [, scheme, rest = text] = /^(smtp|lmtp):\/\/(.*)$/.exec(text) ?? []
  const shape = /^(?:(?<host>\[[^\]]+\]|[^\s/?#@:[\]\\]+):)?(?<port>\d{1,5})\/?$/
  const { host, port } = shape.exec(rest)?.groups ?? {}
  const number = Number(port ?? 0)
  if (number < 1 || number > 65_535) throw new RangeError(SHAPE)
  return {
    name: text,
    protocol: scheme === 'lmtp' ? 'lmtp' : 'smtp',
    at: { host: host?.replace(/^\[|\]$/g, '') ?? null, port: number },
  }
}
