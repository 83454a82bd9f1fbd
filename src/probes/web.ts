/** One page on the web, asked for as a mailbox provider would: it follows nothing. */
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { Certificate } from '../domain/doctor/certificate.ts'
import type { FetchOutcome } from '../domain/doctor/judge-web.ts'
import { messageOf } from '../domain/problem.ts'
import { readCertificate } from '../platform/certificate.ts'

/** What of a page is read. */
const MAX_BYTES = 64 * 1024

export interface WebTarget {
  readonly url: URL
  /** Where its host is, as DNS says. */
  readonly addresses: readonly string[]
  readonly timeoutMs: number
}

/** By OpenSSL's and Node's code. */
const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate is from an authority that this machine does not trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is from an authority that this machine does not trust, or the server does not send the intermediate certificates',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'its certificate is from an authority that this machine does not trust',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port',
  ECONNREFUSED: 'nothing listens there',
  ETIMEDOUT: 'it does not answer in time',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ECONNRESET: 'it closes the connection',
}
const IS_TLS = /^(CERT_|ERR_SSL_|ERR_TLS_|UNABLE_TO_|DEPTH_|SELF_SIGNED|EPROTO)/

/** Asks for a page and gives its answer, or why there is none. Never rejects. */
export function ask(method: 'GET' | 'HEAD', target: WebTarget): Promise<FetchOutcome> {
  const { url, timeoutMs } = target
  return new Promise((resolve) => {
    const asking = request(url, {
      method,
      agent: false,
      lookup: lookupOf(target),
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'User-Agent': 'Dawnpost doctor' },
    })
    asking.on('error', (error) => resolve(failureOf(error)))
    asking.on('response', (response) => {
      textOf(response).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location ?? null,
            text,
          }),
        (error: Error) => resolve(failureOf(error)),
      )
    })
    asking.end()
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece)
    size += piece.length
    if (size > MAX_BYTES) break
  }
  return Buffer.concat(pieces).subarray(0, MAX_BYTES).toString('utf8')
}

function failureOf(error: Error): { failed: string; isTls: boolean } {
  // An address of each kind is tried, and all have failed.
  const [first = error] = error instanceof AggregateError ? error.errors : []
  const { code = '', name, message } = first as NodeJS.ErrnoException
  const isLate = name === 'AbortError' || name === 'TimeoutError'
  const known = message.includes('wrong version number')
    ? WORDS.ERR_SSL_WRONG_VERSION_NUMBER
    : WORDS[isLate ? 'ETIMEDOUT' : code]
  return { failed: known ?? messageOf(first), isTls: IS_TLS.test(code) }
}

/** The addresses that we looked up ourselves. */
const lookupOf =
  ({ addresses }: WebTarget): LookupFunction =>
  (_host, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }))
    const [first] = found
    if (!first) done(new Error('it has no address'), '')
    else if (all) done(null, found)
    else done(null, first.address, first.family)
  }

/**
 * The certificate that is shown there, good or not; null where none is to be had. Sends nothing.
 */
export function certificateAt(target: WebTarget): Promise<Certificate | null> {
  const { url, timeoutMs } = target
  return new Promise((resolve) => {
    const socket = connect({
      host: url.hostname,
      port: Number(url.port || 443),
      ...(isIP(url.hostname) === 0 && { servername: url.hostname }),
      lookup: lookupOf(target),
      // It is looked at, and nothing is said to whoever shows it.
      rejectUnauthorized: false,
      timeout: timeoutMs,
    })
    const end = (certificate: Certificate | null) => {
      socket.destroy()
      resolve(certificate)
    }
    socket.once('secureConnect', () => end(readCertificate(socket.getPeerCertificate())))
    socket.once('timeout', () => end(null))
    socket.once('error', () => end(null))
  })
}
