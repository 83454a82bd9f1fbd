/**
 * Daily reports of receivers that a mail carries as a file: on TLS (RFC 8460) and DMARC (RFC 9990).
 */
import { first } from './fields.ts'
import type { InboundMail, MimePart } from './parse-mail.ts'
import type { ReportFile } from './read-result.ts'

/** `receiver!policy-domain!begin!end`, as both RFCs define it. */
const NAMED = /^[^!]{1,255}![^!]{1,255}!\d+!\d+/
const DMARC_FILE = /\.(?:xml|xml\.gz|zip)$/i
const TLS_FILE = /\.json(?:\.gz)?$/i
const PACKED = new Set([
  'application/gzip',
  'application/x-gzip',
  'application/zip',
  'application/x-zip',
  'application/x-zip-compressed',
  'application/xml',
  'text/xml',
  'application/octet-stream',
])
const DMARC_SUBJECT = /report[- ]?(?:domain|id)\s*:|dmarc/i

/** Returns the report files of a mail; most mails have none. */
export function reportFilesOf(mail: InboundMail): ReportFile[] {
  const isTls =
    mail.headers.has('tls-report-domain') ||
    /report-type="?tlsrpt/i.test(first(mail.headers, 'content-type'))
  const isDmarc = DMARC_SUBJECT.test(mail.subject)
  return mail.parts.flatMap((part) => {
    const kind = kindOf(part, isTls, isDmarc)
    return kind ? [{ kind, name: part.name, bytes: part.bytes }] : []
  })
}

function kindOf(
  { type, name }: MimePart,
  isTls: boolean,
  isDmarc: boolean,
): ReportFile['kind'] | null {
  if (/^application\/tlsrpt\+(?:gzip|json)$/.test(type)) return 'tls_report'
  const isNamed = NAMED.test(name)
  if (TLS_FILE.test(name) && (isTls || isNamed)) return 'tls_report'
  const isFile = DMARC_FILE.test(name) || (name === '' && PACKED.has(type))
  return isFile && (isNamed || (isDmarc && PACKED.has(type))) ? 'dmarc_report' : null
}
