/** A receiver's daily report on TLS (RFC 8460): how often it was used, and what failed. */
import { z } from 'zod'
import { isStorableTime } from '../../domain/receiver-report.ts'
import { unpackedText } from './unpack.ts'

export interface TlsFailure {
  /** For example `certificate-expired`, `starttls-not-supported` (RFC 8460, 4.3). */
  readonly type: string
  readonly sessions: number
  /** The server that should have received the mail; null if it is not stated. */
  readonly receivingMx: string | null
  /** The IP address we sent from. */
  readonly sendingIp: string | null
}

export interface TlsPolicy {
  /** `sts`, `tlsa` or `no-policy-found`. */
  readonly type: string
  /** The recipients' domain. */
  readonly domain: string
  readonly succeeded: number
  readonly failed: number
  readonly failures: readonly TlsFailure[]
}

export interface TlsReport {
  /** The reporting organization. */
  readonly reportedBy: string
  readonly reportId: string
  readonly from: Temporal.Instant
  readonly until: Temporal.Instant
  readonly policies: readonly TlsPolicy[]
}

/** Maximum policies in a report, and failures in a policy: validating each takes time. */
const MAX_POLICIES = 100
const MAX_FAILURES = 200

/** The first items of an array; those beyond `most` are not even validated. */
const firstItems = <Item extends z.ZodType>(item: Item, most: number) =>
  z.preprocess((all) => (Array.isArray(all) ? all.slice(0, most) : all), z.array(item))

const count = z.coerce.number().int().nonnegative().catch(0)
const word = z.string().transform((text) => text.slice(0, 255))
const optionalWord = word.nullish().transform((text) => text ?? null)
const instant = z
  .string()
  .max(40)
  .transform((text, context) => {
    const at = instantOf(text)
    if (at && isStorableTime(at)) return at
    context.addIssue('no instant')
    return z.NEVER
  })

const failureSchema = z.object({
  'result-type': word,
  'failed-session-count': count.default(0),
  'receiving-mx-hostname': optionalWord,
  'sending-mta-ip': optionalWord,
})
const policySchema = z.object({
  policy: z.object({ 'policy-type': word, 'policy-domain': word }),
  summary: z.object({
    'total-successful-session-count': count.default(0),
    'total-failure-session-count': count.default(0),
  }),
  'failure-details': firstItems(failureSchema, MAX_FAILURES).nullish(),
})
const reportSchema = z.object({
  'organization-name': word,
  'date-range': z.object({ 'start-datetime': instant, 'end-datetime': instant }),
  'report-id': word,
  policies: firstItems(policySchema, MAX_POLICIES),
})

/** Returns null if the file is not such a report, or is too large. */
export async function readTlsReport(file: Uint8Array): Promise<TlsReport | null> {
  const read = reportSchema.safeParse(jsonOf((await unpackedText(file)) ?? ''))
  if (!read.success) return null
  const { data } = read
  return {
    reportedBy: data['organization-name'],
    reportId: data['report-id'],
    from: data['date-range']['start-datetime'],
    until: data['date-range']['end-datetime'],
    policies: data.policies.map((entry) => ({
      type: entry.policy['policy-type'],
      domain: entry.policy['policy-domain'].toLowerCase(),
      succeeded: entry.summary['total-successful-session-count'],
      failed: entry.summary['total-failure-session-count'],
      failures: (entry['failure-details'] ?? []).map((failure) => ({
        type: failure['result-type'],
        sessions: failure['failed-session-count'],
        receivingMx: failure['receiving-mx-hostname'],
        sendingIp: failure['sending-mta-ip'],
      })),
    })),
  }
}

function instantOf(text: string): Temporal.Instant | null {
  try {
    return Temporal.Instant.from(text)
  } catch {
    return null
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
