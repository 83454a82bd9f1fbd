/** What a receiver saw of a day of mail in our name (RFC 7489, appendix C; RFC 9990). */
import { Parser } from 'htmlparser2'
import { isOfOurTime } from '../../domain/receiver-report.ts'
import { unpackedText } from './unpack.ts'

/** Mail of one sending address, as one From, that was judged alike. */
export interface DmarcSource {
  readonly sourceIp: string
  readonly mails: number
  /** What became of them: `none` (or `pass`), `quarantine`, `reject`. */
  readonly disposition: string
  /** Whether DKIM, and whether SPF, passed for a domain that fits the From. */
  readonly dkimAligned: boolean
  readonly spfAligned: boolean
  readonly headerFrom: string
  readonly envelopeFrom: string | null
}

export interface DmarcReport {
  /** The organization that reports. */
  readonly reportedBy: string
  readonly reportId: string
  readonly from: Temporal.Instant
  readonly until: Temporal.Instant
  /** The domain whose policy it is about, and the policy that the receiver found. */
  readonly domain: string
  readonly policy: string | null
  readonly sources: readonly DmarcSource[]
  /** There were more records than are read. */
  readonly isCut: boolean
}

const MOST_RECORDS = 3_000
/** Texts of a record, or of what stands before the records. */
const MOST_LEAVES = 100
const DEEPEST = 12
const LONGEST = 255

/** Null when it is not such a report, or larger than is read. */
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
    sources: summedUp(records.map(sourceOf)),
    isCut,
  }
}

type Leaves = ReadonlyMap<string, string>

/**
 * The texts by their paths. The parser knows no entities but the five of XML, and reads no DTD:
 * there is nothing to be blown up or fetched.
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
          if (records.length < MOST_RECORDS) records.push(new Map())
          else isCut = true
        if (path.length > DEEPEST || !isReport || isCut) parser.pause()
      },
      ontext(data) {
        if (text.length < LONGEST) text += data
      },
      onclosetag() {
        const leaf = text.trim().slice(0, LONGEST)
        const isRecord = path[1] === 'record'
        const leaves = isRecord ? records.at(-1) : head
        if (leaf && leaves && leaves.size < MOST_LEAVES) {
          const key = path.slice(isRecord ? 2 : 1).join('/')
          // Only the first of the same name: a second signature changes nothing of the result.
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

/** Without a namespace's prefix. */
const plainName = (name: string) => name.slice(name.indexOf(':') + 1).toLowerCase()

function instantOf(seconds: string): Temporal.Instant | null {
  if (!/^\d{1,11}$/.test(seconds)) return null
  const at = Temporal.Instant.fromEpochMilliseconds(Number(seconds) * 1_000)
  return isOfOurTime(at) ? at : null
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

/** Those that differ in nothing but their number are one. */
function summedUp(sources: readonly DmarcSource[]): DmarcSource[] {
  const sums = new Map<string, DmarcSource>()
  for (const { mails, ...rest } of sources) {
    const key = JSON.stringify(rest)
    sums.set(key, { ...rest, mails: mails + (sums.get(key)?.mails ?? 0) })
  }
  return [...sums.values()]
}
