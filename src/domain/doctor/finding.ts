/**
 * Findings of the doctor: what is the case, why it matters, and what to do. Sentences are English.
 */

/** In display order. */
export const GROUPS = [
  'configuration',
  'host',
  'database',
  'queue',
  'mail',
  'smtp',
  'dns',
  'web',
] as const
export type Group = (typeof GROUPS)[number]

/** `ok`: as it should be; `info`: worth knowing. Errors make the command fail. */
export type DoctorSeverity = 'ok' | 'info' | 'warning' | 'error'

/** A record to publish. */
export interface DnsRecord {
  /** With a trailing dot: the full name, not one below another. */
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT'
  /** For a TXT record the text itself: without quotes, and in one piece. */
  readonly value: string
  /** What the operator has to fill in; null if the record can be pasted as it is. */
  readonly fillIn: string | null
  /** Values now published at the name, to be removed: this record replaces them. */
  readonly replaces: readonly string[]
}

export interface DoctorFinding {
  /** Stable, such as `dns.spf.missing`. Its first part is its group. */
  readonly id: string
  readonly group: Group
  readonly severity: DoctorSeverity
  /** The domain, server or setting it is about; null if that is obvious. */
  readonly subject: string | null
  readonly what: string
  /** Why it matters; null if all is well. */
  readonly why: string | null
  /** What to do; null if there is nothing to do. */
  readonly fix: string | null
  readonly records: readonly DnsRecord[]
  /** Settings to set, by environment variable. */
  readonly settings: readonly string[]
}

interface FindingDetails {
  readonly subject?: string
  readonly why?: string
  readonly fix?: string
  readonly records?: readonly DnsRecord[]
  readonly settings?: readonly string[]
}

const finding =
  (severity: DoctorSeverity) =>
  (id: `${Group}.${string}`, what: string, more: FindingDetails = {}): DoctorFinding => ({
    id,
    group: id.split('.', 1)[0] as Group,
    severity,
    subject: more.subject ?? null,
    what,
    why: more.why ?? null,
    fix: more.fix ?? null,
    records: more.records ?? [],
    settings: more.settings ?? [],
  })

export const ok = finding('ok')
export const info = finding('info')
export const warning = finding('warning')
export const error = finding('error')

/** Creates the finding as an error if it counts, else as a warning. */
export const errorIf = (counts: boolean) => (counts ? error : warning)

export const record = (
  type: DnsRecord['type'],
  name: string,
  value: string,
  { fillIn = null, replaces = [] }: Partial<Pick<DnsRecord, 'fillIn' | 'replaces'>> = {},
): DnsRecord => ({ name: `${name.replace(/\.$/, '')}.`, type, value, fillIn, replaces })

export interface Summary {
  readonly errors: number
  readonly warnings: number
}

export const summaryOf = (findings: readonly DoctorFinding[]): Summary => {
  const count = (wanted: DoctorSeverity) =>
    findings.filter(({ severity }) => severity === wanted).length
  return { errors: count('error'), warnings: count('warning') }
}

/** Returns all records to publish, each once; of two SPF records at one name, the last. */
export function recordsOf(findings: readonly DoctorFinding[]): DnsRecord[] {
  const byKey = new Map<string, DnsRecord>()
  for (const dnsRecord of findings.flatMap(({ records }) => records))
    byKey.set(
      isSpf(dnsRecord)
        ? `spf ${dnsRecord.name}`
        : `${dnsRecord.type} ${dnsRecord.name} ${dnsRecord.value}`,
      dnsRecord,
    )
  return [...byKey.values()]
}

const isSpf = ({ type, value }: DnsRecord) => type === 'TXT' && /^v=spf1\b/i.test(value)
