/** A DNS server on loopback that serves only TXT records (RFC 1035). */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export interface TxtRecords extends AsyncDisposable {
  readonly address: string
  /** By name, the strings of each record. */
  readonly records: Map<string, readonly (readonly string[])[]>
}

const NO_SUCH_NAME = 3
const TXT = 16

export async function openTxtRecords(): Promise<TxtRecords> {
  const records: TxtRecords['records'] = new Map()
  const socket = createSocket('udp4', (query, from) => {
    socket.send(answerTo(query, records), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function answerTo(query: Buffer, records: TxtRecords['records']): Buffer {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  const question = query.subarray(12, at + 5)
  const found = records.get(labels.join('.').toLowerCase()) ?? []
  const head = Buffer.alloc(12)
  query.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8180 | (found.length === 0 ? NO_SUCH_NAME : 0), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(found.length, 6)
  const answers = found.map((strings) => {
    const data = Buffer.concat(
      strings.map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])),
    )
    const start = Buffer.alloc(12)
    // A pointer to the name of the question.
    start.writeUInt16BE(0xc00c, 0)
    start.writeUInt16BE(TXT, 2)
    start.writeUInt16BE(1, 4)
    start.writeUInt16BE(data.length, 10)
    return Buffer.concat([start, data])
  })
  return Buffer.concat([head, question, ...answers])
}
