/**
 * Somebody who has read no RFC starts Dawnpost and does what the doctor says; in the end their mail
 * passes SPF, DKIM and DMARC as checked by a third-party library.
 */
import { generateKeyPairSync } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { authenticate } from 'mailauth'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { DnsRecord, DoctorFinding } from '../../src/domain/doctor/finding.ts'
import { type Dns, openDns, type Published } from '../support/dns.ts'
import { freePort } from '../support/free-port.ts'
import { openMailbox } from '../support/mailbox.ts'
import { command, openSiteFolder, started } from '../support/program.ts'

const file = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
const known = getCACertificates('default')
beforeAll(() => setDefaultCACertificates([...known, file('site-ca'), file('ca')]))
afterAll(() => setDefaultCACertificates(known))

const SENDING_IP = '203.0.113.25'

/** A reverse proxy that only terminates TLS. */
async function openFront(port: number) {
  const front = createServer({ key: file('key'), cert: file('site') }, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    request({ host: '127.0.0.1', port, method, path, headers })
      .on('response', (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      .on('error', () => outgoing.writeHead(502).end())
      .end()
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  return {
    port: (front.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      front.closeAllConnections()
      front.close()
      await once(front, 'close')
    },
  }
}

interface Report {
  readonly findings: readonly DoctorFinding[]
  readonly records: readonly DnsRecord[]
  readonly summary: { readonly errors: number; readonly warnings: number }
}

async function examined(dns: Dns, env: Record<string, string>) {
  const args = ['doctor', '--json', '--resolver', dns.address, '--sending-ip', SENDING_IP]
  const { code, stdout, stderr } = await command(args, env)
  expect(stderr).toBe('')
  const report: Report = JSON.parse(stdout)
  return { code, ...report }
}

/**
 * The operator fills in what the doctor cannot know: their web server and mailbox provider.
 */
function filledIn({ name, type, value, fillIn }: DnsRecord): Published {
  if (name === 'courses.example.org.') return { name, type, value: '127.0.0.1' }
  expect(fillIn === null || type === 'MX').toBe(true)
  return { name, type, value: fillIn ? '10 mx.provider.example.' : value }
}

const relayFor = () =>
  openMailbox({
    secure: true,
    key: file('key'),
    cert: file('good'),
    disabledCommands: [],
    authOptional: false,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username }) : done(new Error('no')),
  })

it('following the doctor leads from an unconfigured site to mail that passes', async () => {
  await using dns = await openDns(
    { name: 'mx.provider.example', type: 'A', value: '203.0.113.9' },
    // What their mailbox provider told them to publish, long ago.
    { name: 'example.org', type: 'TXT', value: 'v=spf1 ip4:203.0.113.9 ?all' },
  )
  await using folder = await openSiteFolder()
  await using relay = await relayFor()
  const port = await freePort()
  await using front = await openFront(port)
  const env: Record<string, string> = {
    DATA_DIR: folder.path,
    PORT: String(port),
    LOG_LEVEL: 'fatal',
  }
  await using program = await started(['start'], env)

  const first = await examined(dns, env)
  expect(first.code).toBe(0)
  const sandbox = first.findings.find(({ id }) => id === 'configuration.sandbox')
  expect(sandbox?.settings).toEqual(['SMTP_URL', 'PUBLIC_URL', 'POSTAL_ADDRESS', 'MAIL_FROM'])
  program.kill('SIGTERM')
  await program.ended

  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const keyFile = join(folder.path, 'dkim.pem')
  await writeFile(keyFile, privateKey)
  const key = `dkimDomain=example.org&dkimSelector=morning&dkimKey=${encodeURIComponent(keyFile)}`
  const server = `localhost:${new URL(relay.url).port}?name=mail.example.org&${key}`
  Object.assign(env, {
    NODE_ENV: 'production',
    SMTP_URL: `smtps://ada:wrong@${server}`,
    PUBLIC_URL: `https://courses.example.org:${front.port}`,
    POSTAL_ADDRESS: '1 Test Lane, Testville',
    MAIL_FROM: 'Morning <morning@example.org>',
    BOUNCE_DOMAIN: 'bounces.example.org',
  })

  const second = await examined(dns, env)
  expect(second.code).toBe(1)
  const asked = second.findings.find(({ severity }) => severity === 'error')
  expect(asked).toMatchObject({ id: 'configuration.fault', subject: 'SECRET_KEY' })
  env.SECRET_KEY = readFileSync(join(folder.path, 'secret.key'), 'utf8').trim()
  const third = await examined(dns, env)
  expect(third.findings.find(({ severity }) => severity === 'error')).toMatchObject({
    id: 'smtp.login.failed',
    settings: ['SMTP_URL'],
  })
  env.SMTP_URL = `smtps://ada:right@${server}`
  await using live = await started(['start'], env)

  let rounds = 0
  let report = await examined(dns, env)
  while (report.records.length > 0 && rounds < 5) {
    rounds += 1
    for (const { name, type, replaces } of report.records)
      if (replaces.length > 0) dns.remove(name, type)
    dns.publish(...report.records.map(filledIn))
    report = await examined(dns, env)
  }
  expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(report.code).toBe(0)
  expect(rounds).toBeGreaterThan(0)
  expect(report.summary).toEqual({ errors: 0, warnings: 0 })
  const good = report.findings.filter(({ severity }) => severity === 'ok').map(({ id }) => id)
  for (const id of ['spf', 'dkim', 'dmarc', 'alignment', 'mx', 'ehlo', 'ptr'])
    expect(good).toContain(`dns.${id}.ok`)
  expect(good).toEqual(
    expect.arrayContaining(['smtp.login.ok', 'web.ok', 'web.unsubscribe.ok', 'web.certificate.ok']),
  )

  const test = ['send-test', 'inner-wisdom', '1', '--to', 'ada@reader.example']
  expect(await command(test, env)).toMatchObject({ code: 0 })
  const [mail] = relay.received
  const resolver = new Resolver()
  resolver.setServers([dns.address])
  const verdict = await authenticate(mail?.raw ?? Buffer.from(''), {
    ip: SENDING_IP,
    helo: 'mail.example.org',
    sender: mail?.from ?? '',
    resolver: (name, type) => resolver.resolve(name, type),
  })
  expect(verdict.spf?.status.result).toBe('pass')
  expect(verdict.dkim.results.map(({ status }) => status.result)).toEqual(['pass'])
  expect(verdict.dmarc?.status.result).toBe('pass')
  live.kill('SIGTERM')
  await live.ended
})
