/**
 * What is fetched from Amazon: the certificates SNS signs with, and the confirmation of a
 * subscription. Nothing else is ever fetched because a webhook asks for it (standards.md C19).
 */
import { X509Certificate } from 'node:crypto'
import { MINUTE, SECOND } from '../../../domain/time.ts'

/** Fetches a page over HTTPS, limited in time and size. Throws if that fails or it redirects. */
export type Fetch = (url: string) => Promise<string>

const FETCH_TIMEOUT_MS = 5 * SECOND
/** A certificate has 2 kB, and the answer to a confirmation less. */
const MAX_RESPONSE_BYTES = 64 * 1024

export const fetchText: Fetch = async (url) => {
  const response = await fetch(url, {
    redirect: 'error',
    credentials: 'omit',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  })
  if (!response.ok) throw new Error(`${response.status} from ${new URL(url).host}`)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_RESPONSE_BYTES)
      throw new Error(`more than ${MAX_RESPONSE_BYTES} bytes from a host of Amazon's`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Returns the URL if it is a plain https address on this host; otherwise null. */
export function urlOn(host: string, text: string): URL | null {
  const url = text.length <= 2_000 ? URL.parse(text) : null
  const isPlain =
    url?.protocol === 'https:' && url.host === host && url.username + url.password === ''
  return url && isPlain ? url : null
}

/** Number of cached certificates. Each region has one at a time, replaced every few months. */
const MAX_CACHED_CERTIFICATES = 20
/** Fetches per minute that a stranger who knows the name of a topic can cause. */
const MAX_FETCHES_PER_MINUTE = 10

export interface Certificates {
  /**
   * Returns the certificate at a URL if it is valid now; null if the URL is not one of SNS or holds
   * no certificate. Throws if it could not be fetched.
   */
  get(host: string, url: string, now: Temporal.Instant): Promise<X509Certificate | null>
}

export function openCertificates(fetchText: Fetch): Certificates {
  const cache = new Map<string, X509Certificate>()
  let fetches: number[] = []
  const fetched = async (url: string, nowMs: number) => {
    fetches = fetches.filter((then) => nowMs - then < MINUTE)
    if (fetches.length >= MAX_FETCHES_PER_MINUTE)
      throw new Error('too many certificates of SNS are asked for')
    fetches.push(nowMs)
    return parsed(await fetchText(url))
  }
  return {
    async get(host, text, now) {
      const url = urlOn(host, text)
      if (!url || !/^\/[\w-]{1,200}\.pem$/.test(url.pathname) || url.search || url.hash) return null
      const nowMs = now.epochMilliseconds
      const certificate = cache.get(url.href) ?? (await fetched(url.href, nowMs))
      if (!certificate || !isValid(certificate, nowMs)) return null
      if (cache.size >= MAX_CACHED_CERTIFICATES) cache.clear()
      cache.set(url.href, certificate)
      return certificate
    },
  }
}

function parsed(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem)
  } catch {
    return null
  }
}

const isValid = ({ validFromDate, validToDate }: X509Certificate, nowMs: number) =>
  validFromDate.getTime() <= nowMs && nowMs <= validToDate.getTime()
