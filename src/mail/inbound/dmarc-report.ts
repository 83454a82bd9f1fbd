/** A receiver's daily report on mail sent in our name (RFC 7489, appendix C; RFC 9990). */
import { Parser } from 'htmlparser2'
import { isStorableTime } from '../../domain/receiver-report.ts'
import { unpackedText } from './unpack.ts'

/** Mails from one IP address, with the same From domain, that were judged alike. */
export interface DmarcSource {
  readonly sourceIp: string
  readonly mails: number
  /** How they were handled: `none` (or `pass`), `quarantine`, `reject`. */
  readonly disposition: string
  /** Whether DKIM and SPF passed for a domain aligned with the From. */
  readonly dkimAligned: boolean
  readonly spfAligned: boolean
  readonly headerFrom: string
  readonly envelopeFrom: string | null
}

export interface DmarcReport {
  /** The reporting organization. */
  readonly reportedBy: string
  readonly reportId: string
  readonly from: Temporal.Instant
  readonly until: Temporal.Instant
  /** The domain reported on, and the policy the receiver found for it. */
  readonly domain: string
  readonly policy: string | null
  readonly sources: readonly DmarcSource[]
  /** Whether records beyond the limit were left out. */
  readonly isCut: boolean
}

const MAX_RECORDS = 3_000
/** Maximum number of texts in a record, or before the records. */
const MAX_LEAVES = 100
const MAX_DEPTH = 12
const MAX_TEXT_LENGTH = 255

/** Returns null if the file is not such a report, or is too large. */
export async function readDmarcReport(file: Uint8Array): Promise<DmarcReport | null> {
  const text = await unpackedText(file)
  const read = text === null ? null : leavesOf(text)
  if (!read) return null
  const { head, records, isCut } = read
  const of = (path: string) => head.get(path) ?? ''
  const from = instantOf(of('report_metadata/date_range/begin'))
  const until = instantOf(of('report_metadata/date_range/end'))
  const domain = of('policy_published/domain').toLowerCase()
  if (!from || !until || domain === '') return null
  return {
    reportedBy: of('report_metadata/org_name'),
    reportId: of('report_metadata/report_id'),
    from,
    until,
    domain,
    policy: of('policy_published/p') || null,
    sources: mergeSources(records.map(sourceOf)),
    isCut,
  }
}

type Leaves = ReadonlyMap<string, string>

/**
 * Returns the texts by path. The parser knows only XML's five entities and reads no DTD, so nothing
 * can be expanded or fetched.
 */
function leavesOf(xml: string) {
  const head = new Map<string, string>()
  const records: Map<string, string>[] = []
  const path: string[] = []
  let text = ''
  let isReport = false
  let isCut = false
  const parser = new Parser(
    {
      onopentag(name) {
        path.push(plainName(name))
        text = ''
        if (path.length === 1) isReport = path[0] === 'feedback'
        if (path.length === 2 && path[1] === 'record')
          if (records.length < MAX_RECORDS) records.push(new Map())
          else isCut = true
        if (path.length > MAX_DEPTH || !isReport || isCut) parser.pause()
      },
      ontext(data) {
        if (text.length < MAX_TEXT_LENGTH) text += data
      },
      onclosetag() {
        const leaf = text.trim().slice(0, MAX_TEXT_LENGTH)
        const isRecord = path[1] === 'record'
        const leaves = isRecord ? records.at(-1) : head
        if (leaf && leaves && leaves.size < MAX_LEAVES) {
          const key = path.slice(isRecord ? 2 : 1).join('/')
          // Keeps only the first of each name: a second signature does not change the result.
          if (!leaves.has(key)) leaves.set(key, leaf)
        }
        text = ''
        path.pop()
      },
    },
    { xmlMode: true },
  )
  parser.end(xml)
  return isReport ? { head, records, isCut } : null
}

/** The name without its namespace prefix. */
const plainName = (name: string) => name.slice(name.indexOf(':') + 1).toLowerCase()

function instantOf(seconds: string): Temporal.Instant | null {
  if (!/^\d{1,11}$/.test(seconds)) return null
  const at = Temporal.Instant.fromEpochMilliseconds(Number(seconds) * 1_000)
  return isStorableTime(at) ? at : null
}

function sourceOf(leaves: Leaves): DmarcSource {
  const of = (path: string) => leaves.get(path) ?? ''
  return {
    sourceIp: of('row/source_ip'),
    mails: /^\d{1,9}$/.test(of('row/count')) ? Number(of('row/count')) : 0,
    disposition: of('row/policy_evaluated/disposition') || 'none',
    dkimAligned: of('row/policy_evaluated/dkim') === 'pass',
    spfAligned: of('row/policy_evaluated/spf') === 'pass',
    headerFrom: of('identifiers/header_from').toLowerCase(),
    envelopeFrom: of('identifiers/envelope_from').toLowerCase() || null,
  }
}

/** Merges sources that differ only in their count. */
function mergeSources(sources: readonly DmarcSource[]): DmarcSource[] {
  const sums = new Map<string, DmarcSource>()
  for (const { mails, ...rest } of sources) {
    const key = JSON.stringify(rest)
    sums.set(key, { ...rest, mails: mails + (sums.get(key)?.mails ?? 0) })
  }
  return [...sums.values()]
}
