/** Testing the connection to an SMTP server: its answers are noted and no mail is sent. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testConnection } from '../../../src/mail/smtp/test-connection.ts'
import { readServer } from '../../../src/platform/smtp-server.ts'
import { scriptedSmtp } from './scripted-smtp.ts'

const file = (name: string) =>
  readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')

const known = getCACertificates('default')
beforeAll(() => setDefaultCACertificates([...known, file('ca')]))
afterAll(() => setDefaultCACertificates(known))

async function smtpServer(options: SMTPServerOptions) {
  const heard: string[] = []
  const server = new SMTPServer({
    key: file('key'),
    cert: file('good'),
    size: 5_000_000,
    onAuth: ({ username, password }, _session, done) => {
      heard.push(`AUTH ${username}`)
      if (password === 'right') done(null, { user: username })
      else done(new Error(`Invalid login of ${username}@relay.example`))
    },
    onMailFrom: (_address, _session, done) => {
      heard.push('MAIL')
      done()
    },
    ...options,
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    heard,
    /** As if it were on another machine, where TLS is required. */
    at: (scheme: 'smtp' | 'smtps', login = '') => ({
      ...readServer(`${scheme}://${login}localhost:${port}`),
      loopback: false,
    }),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

it.each(['smtp', 'smtps'] as const)(
  'a test over %s reports TLS, certificate, extensions and login',
  async (scheme) => {
    await using server = await smtpServer({ secure: scheme === 'smtps' })
    const greeting = await testConnection(server.at(scheme, 'ada:right@'), 5_000)
    expect(greeting).toMatchObject({ encrypted: true, login: 'accepted', failure: null })
    expect(greeting.certificate?.until.toString()).toMatch(/^2126/)
    expect(greeting.extensions).toEqual(
      expect.arrayContaining(['PIPELINING', '8BITMIME', 'SIZE 5000000']),
    )
    expect(server.heard).toEqual(['AUTH ada'])
  },
)

it('a refused password is tried once and reported in the server’s words, without addresses', async () => {
  await using server = await smtpServer({})
  const greeting = await testConnection(server.at('smtp', 'ada:wrong@'), 5_000)
  expect(greeting).toMatchObject({ login: 'refused', encrypted: true })
  expect(greeting.certificate).not.toBeNull()
  expect(greeting.failure?.words).toMatch(/^535 .*Invalid login/)
  expect(greeting.failure?.words).not.toContain('relay.example')
  expect(server.heard).toEqual(['AUTH ada'])
})

it('a server that offers no login or no TLS is reported as such', async () => {
  await using server = await smtpServer({ disabledCommands: ['AUTH'] })
  expect(await testConnection(server.at('smtp', 'ada:right@'), 5_000)).toMatchObject({
    login: 'not offered',
    failure: { words: expect.stringContaining('offers no login') },
  })
  await using plain = await smtpServer({ disabledCommands: ['STARTTLS'] })
  expect(await testConnection(plain.at('smtp', 'ada:right@'), 5_000)).toMatchObject({
    login: null,
    encrypted: false,
    failure: { isTls: true, words: expect.stringContaining('offers no TLS') },
  })
  expect(plain.heard).toEqual([])
})

it.each([
  ['expired', /has expired/],
  ['other-name', /another name/],
])('no password is sent to a server with the certificate "%s"', async (certificate, words) => {
  await using server = await smtpServer({ cert: file(certificate) })
  const { failure, login } = await testConnection(server.at('smtp', 'ada:right@'), 5_000)
  expect(failure).toMatchObject({ isTls: true, words: expect.stringMatching(words) })
  expect(login).toBeNull()
  expect(server.heard).toEqual([])
})

it('a server that is absent, busy or silent is reported as such, within the timeout', async () => {
  expect(await testConnection(readServer('smtp://127.0.0.1:1'), 5_000)).toMatchObject({
    extensions: null,
    failure: { isTls: false, words: expect.stringContaining('ECONNREFUSED') },
  })
  await using busy = await scriptedSmtp({ connect: '421 come back later' })
  expect(await testConnection(readServer(`smtp://127.0.0.1:${busy.port}`), 5_000)).toMatchObject({
    failure: { words: expect.stringContaining('421 come back later') },
  })
  const mute = createServer((socket) => socket.on('error', () => {}))
  mute.listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const { port } = mute.address() as AddressInfo
  expect(await testConnection(readServer(`smtp://127.0.0.1:${port}`), 200)).toMatchObject({
    extensions: null,
    failure: { words: 'it does not answer in time' },
  })
  mute.close()
})

it('a server on this machine needs neither TLS nor a password', async () => {
  await using server = await scriptedSmtp({ EHLO: '250-test\r\n250 PIPELINING' })
  expect(await testConnection(readServer(`smtp://127.0.0.1:${server.port}`), 5_000)).toMatchObject({
    isLocal: true,
    login: null,
    failure: null,
    extensions: ['PIPELINING'],
  })
  expect(server.heard.map((line) => line.slice(0, 4))).toEqual(['EHLO', 'QUIT'])
})
