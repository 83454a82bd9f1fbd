/**
 * The verdict on the mails of a pass, by what arrived behind the server: each must arrive once,
 * unchanged and with a valid signature.
 */
import { authenticate } from 'mailauth'
import type { Arrived } from './sink.ts'

/** A mail as it is in the ledger and as it was composed. */
export interface Expected {
  readonly messageId: string
  readonly to: string
  /** Unsigned. */
  readonly raw: Buffer
  /** It was sent again, since its outcome was unknown. */
  readonly wasUnknown: boolean
}

export interface DkimRecord {
  readonly name: string
  readonly value: string
}

export interface Verdict {
  readonly arrived: number
  /** Mails that the server accepted more than once. */
  readonly twice: number
  /** Mails that the server accepted once but relayed again after it was stopped. */
  readonly repeated: number
  readonly violations: readonly string[]
}

export async function judge(
  expected: readonly Expected[],
  arrived: readonly Arrived[],
  record: DkimRecord,
): Promise<Verdict> {
  const byId = Map.groupBy(arrived, ({ raw }) => messageIdIn(raw))
  const handedOn = ({ messageId }: Expected) => byId.get(messageId) ?? []
  const copies = (sent: Expected) => takenApart(handedOn(sent))
  const twice = expected.filter((sent) => copies(sent).length > 1)
  const faults: string[] = []
  for (const sent of expected) {
    for (const mail of handedOn(sent)) {
      const fault = await faultOf(mail, sent, record)
      if (fault) faults.push(`${sent.to}: ${fault}`)
    }
  }
  const known = new Set(expected.map(({ messageId }) => messageId))
  const violations = [
    ...violation(
      'did not arrive',
      expected.filter((sent) => copies(sent).length === 0).map(({ to }) => to),
    ),
    ...violation(
      'came twice and were never in doubt',
      twice.filter((sent) => !sent.wasUnknown).map(({ to }) => to),
    ),
    ...violation(
      'are of nobody',
      [...byId.keys()].filter((id) => !known.has(id)),
    ),
    ...violation('are not as they were composed', faults),
  ]
  const repeated = expected.filter((sent) => handedOn(sent).length > copies(sent).length).length
  return { arrived: arrived.length, twice: twice.length, repeated, violations }
}

/**
 * The copies that the server accepted separately, by their trace fields; a server that adds none
 * relays at once.
 */
function takenApart(all: readonly Arrived[]): Arrived[] {
  const byTrace = Map.groupBy(all, ({ raw }) => traceOf(raw)[0].toString('latin1'))
  return [...byTrace].flatMap(([trace, those]) => (trace === '' ? those : those.slice(0, 1)))
}

/** The trace fields that servers add on top, and the rest. */
const traceOf = (raw: Buffer) => split(raw, /^Received: /)

const violation = (what: string, cases: readonly string[]) =>
  cases.length === 0 ? [] : [`${cases.length} ${what}, the first: ${cases[0]}`]

const messageIdIn = (raw: Buffer) =>
  /^Message-ID: (.*)\r$/im.exec(raw.toString('latin1'))?.[1] ?? ''

async function faultOf(
  { to, raw }: Arrived,
  expected: Expected,
  record: DkimRecord,
): Promise<string | null> {
  if (to !== expected.to) return `went to ${to}`
  const [trace, rest] = traceOf(raw)
  if (trace.length > 1_000) return 'too much on top'
  const [signature, message] = split(rest, /^DKIM-Signature: /)
  if (signature.length === 0) return 'is not signed'
  if (!message.equals(expected.raw)) return differenceOf(message, expected.raw)
  const status = await dkimOf(raw, record)
  return status === 'pass' ? null : `DKIM says ${status}`
}

/** The leading fields that match, with their continuation lines, and the rest. */
function split(raw: Buffer, field: RegExp): [Buffer, Buffer] {
  let at = 0
  for (;;) {
    const text = raw.toString('latin1', at, at + 20_000)
    if (!field.test(text)) return [raw.subarray(0, at), raw.subarray(at)]
    at += /\r\n(?![ \t])/.exec(text)?.index ?? 0
    at += 2
  }
}

function differenceOf(message: Buffer, expected: Buffer): string {
  let at = 0
  while (at < message.length && message[at] === expected[at]) at += 1
  const words = (raw: Buffer) =>
    JSON.stringify(raw.toString('latin1', Math.max(0, at - 20), at + 40))
  return `differs at byte ${at}: ${words(message)} for ${words(expected)}`
}

async function dkimOf(raw: Buffer, { name, value }: DkimRecord): Promise<string> {
  const resolver = async (asked: string) => {
    if (asked === name) return [[value]]
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  }
  const { dkim } = await authenticate(raw, {
    ip: '127.0.0.1',
    helo: 'here',
    sender: 'b@a.example',
    resolver,
  })
  return (
    dkim.results.map(({ status }: { status: { result: string } }) => status.result).join() || 'none'
  )
}
