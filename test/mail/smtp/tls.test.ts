/** TLS with an SMTP server, as an operator meets it: a problem is put into words, once. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verdictOn } from '../../../src/domain/verdict.ts'
import { openTransport, type Throttle } from '../../../src/mail/smtp/transport.ts'
import { readServer } from '../../../src/platform/smtp-server.ts'
import { keptLog } from '../../support/log.ts'

const file = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
const ignored = async () => {}
const THROTTLE: Throttle = {
  turn: async () => ({ inMs: 0, serverIsFull: false }),
  connections: () => null,
  trustIn: () => 'some',
  recordConnectionLimit: ignored,
  halt: ignored,
  slowDown: ignored,
}
const MAIL = {
  envelope: { from: 'morning@courses.example', to: 'ada@example.com' },
  message: [Buffer.from('Subject: Good morning\r\n\r\n'), Buffer.from('Hello.\r\n')],
} as never

const known = getCACertificates('default')
// What NODE_EXTRA_CA_CERTS does when a process starts.
beforeAll(() => setDefaultCACertificates([...known, file('ca')]))
afterAll(() => setDefaultCACertificates(known))

/** The first certificate is its own; the others are sent along with it. */
async function tlsServer(...certificates: string[]) {
  const server = new SMTPServer({
    secure: true,
    key: file('key'),
    cert: certificates.map(file).join(''),
    authOptional: true,
    onData: (stream, _session, done) => stream.on('end', () => done()).resume(),
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtps://localhost:${port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** Sends five mails at once; returns their results and the log. */
async function sendTo(url: string) {
  const { log, lines } = keptLog()
  const transport = openTransport([{ server: readServer(url), sign: null }], THROTTLE, log)
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => transport.send(MAIL, 'a reader')),
  )
  await transport.close()
  return { results, lines }
}

it.each([
  ['expired', /certificate has expired/],
  ['other-name', /for another name.*elsewhere\.example/],
  ['self-signed', /self-signed.*NODE_EXTRA_CA_CERTS/],
])(
  'a certificate with the fault "%s" halts all sending and is logged once',
  async (certificate, words) => {
    await using server = await tlsServer(certificate)
    const { results, lines } = await sendTo(server.url)
    for (const result of results) {
      expect(verdictOn((result as PromiseRejectedResult).reason)).toMatch(/halt|transport/)
    }
    expect(verdictOn((results[0] as PromiseRejectedResult).reason)).toBe('halt')
    const told = lines.filter((line) => words.test(JSON.stringify(line)))
    expect(told).toEqual([
      expect.objectContaining({ verdict: 'halt', reply: expect.stringMatching(words) }),
    ])
  },
)

describe('a certificate from an authority this machine does not trust', () => {
  beforeAll(() => setDefaultCACertificates(known))
  afterAll(() => setDefaultCACertificates([...known, file('ca')]))

  it.each([
    ['by itself', ['good']],
    ['with the authority’s own', ['good', 'ca']],
  ])('halts sending, and the log says how to trust it: %s', async (_, certificates) => {
    await using server = await tlsServer(...certificates)
    const { results, lines } = await sendTo(server.url)
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
    expect(verdictOn((results[0] as PromiseRejectedResult).reason)).toBe('halt')
    const reply = expect.stringMatching(
      /authority that this machine does not trust.*NODE_EXTRA_CA_CERTS/,
    )
    expect(lines).toEqual([expect.objectContaining({ verdict: 'halt', code: 'ETLS', reply })])
  })
})

it('mail is sent to a server whose certificate authority was added as trusted', async () => {
  await using server = await tlsServer('good')
  const { results } = await sendTo(server.url)
  expect(results.map(({ status }) => status)).toEqual(Array(5).fill('fulfilled'))
})

it('the log says when a server does not speak TLS on that port', async () => {
  await using server = await tlsServer('good')
  const plain = readServer(server.url.replace('smtps', 'smtp'))
  expect(plain.secure).toBe(false)
  const { openMailbox } = await import('../../support/mailbox.ts')
  await using mailbox = await openMailbox()
  const { lines } = await sendTo(mailbox.url.replace('smtp://', 'smtps://'))
  expect(JSON.stringify(lines)).toMatch(/does not speak TLS on this port/)
})
