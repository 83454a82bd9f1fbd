/** A DNS server on loopback, over UDP and TCP, which serves what a test has published. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { DnsRecord } from '../../src/domain/doctor/finding.ts'

export type Published = Pick<DnsRecord, 'name' | 'type' | 'value'>

/** What a name does instead of answering; `truncated`: over UDP it asks for TCP. */
export type Fault = 'servfail' | 'refused' | 'silent' | 'truncated'

export interface Dns extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string
  /** Queries received, as `TXT example.org`; those over TCP begin with `tcp`. */
  readonly asked: readonly string[]
  publish(...records: readonly Published[]): void
  /** Removes all records of a name and type; for SPF and the like, all TXT records. */
  remove(name: string, type: Published['type']): void
  fail(name: string, fault: Fault): void
}

const TYPES: Readonly<Record<string, number>> = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28 }
const NAMES = new Map(Object.entries(TYPES).map(([name, code]) => [code, name]))
const RESPONSE = 0x8580
const TRUNCATED = 0x0200
const CODES = { ok: 0, servfail: 2, nothing: 3, refused: 5 } as const

const plain = (name: string) => name.toLowerCase().replace(/\.$/, '')

export async function openDns(...published: readonly Published[]): Promise<Dns> {
  const records: Published[] = [...published]
  const faults = new Map<string, Fault>()
  const asked: string[] = []
  const sockets = new Set<Socket>()
  /** Null means no answer. */
  const answer = (query: Buffer, isTcp: boolean): Buffer | null => {
    const question = readQuestion(query)
    const name = plain(question.name)
    asked.push(`${isTcp ? 'tcp ' : ''}${question.type} ${name}`)
    const fault = faults.get(name)
    if (fault === 'silent') return null
    if (fault === 'servfail' || fault === 'refused') return reply(query, question, CODES[fault], [])
    if (fault === 'truncated' && !isTcp) return reply(query, question, TRUNCATED, [])
    const all = records.filter((one) => plain(one.name) === name)
    const below = records.some((one) => plain(one.name).endsWith(`.${name}`))
    const found = all.filter((one) => one.type === question.type)
    const code = all.length > 0 || below ? CODES.ok : CODES.nothing
    return reply(query, question, code, found)
  }
  const tcp = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}) // a client that goes away
    socket.on('data', (data: Buffer) => {
      const said = answer(data.subarray(2), true)
      if (said) socket.write(Buffer.concat([word(said.length), said]))
    })
  })
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket('udp4', (query, { port: to, address }) => {
    const said = answer(query, false)
    if (said) udp.send(said, to, address)
  })
  udp.bind(port, '127.0.0.1')
  await once(udp, 'listening')
  return {
    address: `127.0.0.1:${port}`,
    asked,
    publish: (...more) => void records.push(...more),
    remove: (name, type) => {
      const rest = records.filter((one) => plain(one.name) !== plain(name) || one.type !== type)
      records.splice(0, records.length, ...rest)
    },
    fail: (name, fault) => void faults.set(plain(name), fault),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      udp.close()
      tcp.close()
      await once(tcp, 'close')
    },
  }
}

interface Question {
  readonly name: string
  readonly type: string
  /** The offset of its end. */
  readonly end: number
}

function readQuestion(query: Buffer): Question {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const type = NAMES.get(query.readUInt16BE(at + 1)) ?? 'other'
  return { name: labels.join('.'), type, end: at + 5 }
}

function reply(
  query: Buffer,
  { end }: Question,
  code: number,
  found: readonly Published[],
): Buffer {
  const head = Buffer.concat([
    query.subarray(0, 2),
    word(RESPONSE | code),
    word(1),
    word(found.length),
    word(0),
    word(0),
  ])
  return Buffer.concat([head, query.subarray(12, end), ...found.map(encoded)])
}

/** The name is a pointer to the question, 12 bytes from the beginning. */
function encoded({ type, value }: Published): Buffer {
  const data = dataOf(type, value)
  const rest = [word(TYPES[type] ?? 0), word(1), word(0), word(60), word(data.length), data]
  return Buffer.concat([word(0xc00c), ...rest])
}

function dataOf(type: Published['type'], value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number))
  if (type === 'AAAA')
    return Buffer.concat(groupsOf(value).map((group) => word(Number(`0x${group}`))))
  if (type === 'PTR') return nameOf(value)
  if (type === 'TXT')
    return Buffer.concat((value.match(/.{1,255}/g) ?? ['']).map((piece) => text(piece)))
  const [priority, exchange = ''] = value.split(' ')
  return Buffer.concat([word(Number(priority)), nameOf(exchange)])
}

function groupsOf(address: string): string[] {
  const [head = [], tail = []] = address.split('::').map((half) => half.split(':').filter(Boolean))
  return [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
}

const word = (value: number) => Buffer.from([value >> 8, value & 0xff])
const text = (piece: string) =>
  Buffer.concat([Buffer.from([piece.length]), Buffer.from(piece, 'latin1')])
const nameOf = (name: string) =>
  Buffer.concat([...plain(name).split('.').filter(Boolean).map(text), Buffer.from([0])])
