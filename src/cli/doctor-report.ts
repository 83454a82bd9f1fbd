/** The doctor's findings for people: brief where all is well, detailed where it is not. */
import {
  type DnsRecord,
  type DoctorFinding,
  GROUPS,
  type Group,
  recordsOf,
  summaryOf,
} from '../domain/doctor/finding.ts'

const TITLES: Readonly<Record<Group, string>> = {
  configuration: 'Settings',
  host: 'This machine',
  database: 'Database',
  queue: 'Queue',
  mail: 'Mail that is due',
  smtp: 'SMTP servers',
  dns: 'DNS',
  web: 'Pages',
}

const WIDTH = 80
/** Wide enough for the longest severity and a space. */
const INDENT = '           '

/** Returns lines of at most 80 characters, except text that has to be copied. */
export function* inLines(findings: readonly DoctorFinding[]): Generator<string> {
  for (const group of GROUPS) {
    const groupFindings = findings.filter((finding) => finding.group === group)
    if (groupFindings.length === 0) continue
    yield TITLES[group]
    for (const finding of groupFindings) yield* linesOf(finding)
    if (groupFindings.at(-1)?.records.length === 0) yield ''
  }
  yield* zoneOf(recordsOf(findings))
  yield* conclusion(findings)
}

function* linesOf(finding: DoctorFinding): Generator<string> {
  const { severity, what, id, why, fix, records } = finding
  const isGood = severity === 'ok'
  const label = `  ${severity.padEnd(INDENT.length - 2)}`
  yield* wrapped(isGood ? what : `${what} [${id}]`, label)
  if (why) yield* wrapped(why, INDENT)
  if (fix) yield* wrapped(`-> ${fix}`, INDENT, `${INDENT}   `)
  for (const { name, type, value, fillIn, replaces } of records) {
    yield ''
    yield `${INDENT}   Name   ${name}`
    yield `${INDENT}   Type   ${type}`
    yield `${INDENT}   Value  ${value}`
    for (const old of replaces) yield `${INDENT}   Remove ${old}`
    if (fillIn) yield* wrapped(`fill in ${fillIn}`, `${INDENT}          `)
  }
  if (records.length > 0) yield ''
}

/** Breaks at spaces; a word that is too long gets a line to itself. */
function* wrapped(text: string, first: string, then = ' '.repeat(first.length)): Generator<string> {
  let line = first
  let isEmpty = true
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      yield line
      line = then
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  yield line
}

function* zoneOf(records: readonly DnsRecord[]): Generator<string> {
  if (records.length === 0) return
  yield 'All records to publish, as lines of a zone file'
  for (const record of records) {
    if (record.replaces.length > 0)
      yield `; replaces what is there now: ${record.replaces.map((old) => `"${old}"`).join(', ')}`
    if (record.fillIn) yield `; fill in ${record.fillIn} in the next line`
    yield zoneLine(record)
  }
  yield ''
}

/** Maximum length of one string of a TXT record (RFC 1035, 3.3). */
const STRING_BYTES = 255

export function zoneLine({ name, type, value }: DnsRecord): string {
  if (type !== 'TXT') return `${name} IN ${type} ${value}`
  const pieces = value.match(new RegExp(`.{1,${STRING_BYTES}}`, 'g')) ?? ['']
  const quoted = pieces.map((piece) => `"${piece.replace(/["\\]/g, '\\$&')}"`)
  return `${name} IN TXT ${quoted.length > 1 ? `( ${quoted.join(' ')} )` : quoted[0]}`
}

function* conclusion(findings: readonly DoctorFinding[]): Generator<string> {
  const { errors, warnings } = summaryOf(findings)
  yield `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`
  const worst = (['error', 'warning'] as const)
    .map((severity) => findings.find((finding) => finding.severity === severity))
    .find((finding) => finding !== undefined)
  if (worst) yield* wrapped(`${worst.what}${worst.fix ? ` ${worst.fix}` : ''}`, 'Start here: ')
  if (errors > 0 && findings.some(({ records }) => records.length > 0))
    yield 'Then run this again. A change in DNS can take an hour to become visible.'
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
