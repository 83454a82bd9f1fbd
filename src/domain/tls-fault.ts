/** Why TLS with a server failed, in words an operator can act on. */

const UNKNOWN_AUTHORITY =
  'its certificate is from an authority that this machine does not trust; if you do, set NODE_EXTRA_CA_CERTS to a file with the authority’s certificate'
const NO_TLS = 'it does not speak TLS on this port; use smtp:// instead of smtps://, or port 465'

/** By the error code of OpenSSL or Node. */
const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; is the clock of this machine right?',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name than the host in SMTP_URL',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is self-signed; if you trust it, set NODE_EXTRA_CA_CERTS to a file with it',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
}

interface Fault {
  readonly code?: string | undefined
  /** The system's code, if nodemailer replaced it with its own. */
  readonly originalCode?: string | undefined
  readonly message: string
}

/** Returns the reason if TLS failed, else null. */
export function tlsFault({ code = '', originalCode = code, message }: Fault): string | null {
  const words = WORDS[originalCode]
  if (words) return `TLS failed: ${words} (${message})`
  const isTls =
    code === 'ETLS' ||
    /^(CERT_|ERR_SSL_|ERR_TLS_|UNABLE_TO_|INVALID_CA$|EPROTO$)/.test(originalCode)
  return isTls ? `TLS failed: ${message}` : null
}
