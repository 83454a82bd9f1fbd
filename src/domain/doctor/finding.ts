/** What the doctor finds: what is so, why it matters, and what to do. Sentences are English. */

/** In the order in which they are shown. */
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

/** `ok`: as it should be; `info`: for an operator to know. Errors fail the command. */
export type DoctorSeverity = 'ok' | 'info' | 'warning' | 'error'

/** A record to publish. */
export interface DnsRecord {
  /** With the dot at its end: the whole name, not one below another. */
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'MX' | 'PTR' | 'TXT'
  /** Of a TXT record the text itself: without quotes, and in one piece. */
  readonly value: string
  /** What only the operator knows and the value does not say; null: it can be pasted as it is. */
  readonly fillIn: string | null
  /** Values that stand at the name now, and are to be removed: this takes their place. */
  readonly replaces: readonly string[]
}

export interface DoctorFinding {
  /** Stable: `dns.spf.missing`. Its first part is its group. */
  readonly id: string
  readonly group: Group
  readonly severity: DoctorSeverity
  /** The domain, the server or the setting it is about; null where that goes without saying. */
  readonly subject: string | null
  readonly what: string
  /** Why it matters; null of what is right. */
  readonly why: string | null
  /** What to do; null where there is nothing to do. */
  readonly fix: string | null
  readonly records: readonly DnsRecord[]
  /** The settings that are to be given, as the environment names them. */
  readonly settings: readonly string[]
}

interface More {
  readonly subject?: string
  readonly why?: string
  readonly fix?: string
  readonly records?: readonly DnsRecord[]
  readonly settings?: readonly string[]
}

const finding =
  (severity: DoctorSeverity) =>
  (id: `${Group}.${string}`, what: string, more: More = {}): DoctorFinding => ({
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

/** The same finding, as an error where it counts and as a warning where it may not. */
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

/** All records that are to be published, each once: of two SPF records of a name the last. */
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
