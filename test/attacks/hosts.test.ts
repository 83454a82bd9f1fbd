/** The host names under which the outbox, which shows everybody's mail, can be read. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { textOf } from '../support/page.ts'
import { type Listening, listening, said } from '../support/sockets.ts'
import { type TestWeb, testWeb } from '../support/web.ts'

let web: TestWeb
let site: Listening
beforeAll(async () => {
  web = await testWeb({ env: { ALLOWED_HOSTS: 'dawn.lan' } })
  site = await listening(web.server)
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await web[Symbol.asyncDispose]()
})

const ask = async (host: string, target = '/outbox', port = site.port) => {
  const { text } = await said(
    port,
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  )
  return { status: Number(text.split(' ')[1]), text }
}

describe('the sandbox', () => {
  it.each([
    'localhost',
    'LOCALHOST:3000',
    'localhost.',
    '127.0.0.1:8080',
    '[::1]',
    'dawn.lan',
    'Courses.EXAMPLE',
  ])('answers as %s', async (host) => {
    expect((await ask(host)).status).toBe(200)
  })

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'courses.example.evil.example',
    'evil.localhost',
    '0.0.0.0:3000',
    '192.168.1.5',
    '2130706434',
  ])('does not answer as %s, and names the setting that would allow it', async (host) => {
    const { status, text } = await ask(host)
    expect(status).toBe(421)
    expect(textOf(text)).toContain('ALLOWED_HOSTS=')
    expect((await ask(host, '/')).status).toBe(421)
  })

  it('checks the request target as well as Host', async () => {
    expect((await ask('localhost', 'http://evil.example/outbox')).status).toBe(421)
    expect((await ask('evil.example', 'http://localhost/outbox')).status).toBe(421)
    expect((await ask('localhost', 'http://localhost/outbox')).status).toBe(200)
    const old = (path: string) => said(site.port, `GET ${path} HTTP/1.0\r\n\r\n`)
    expect((await old('/outbox')).text).toMatch(/^HTTP\/1\.1 421 /)
    expect((await old('/healthz')).text).toMatch(/^HTTP\/1\.1 200 /)
  })

  it.each(['/healthz', '/readyz'])('answers load balancers at %s under any name', async (path) => {
    expect((await ask('10.0.0.7:3000', path)).status).toBe(200)
  })

  it('alone checks names: a site that sends mail answers under any name', async () => {
    await using real = await testWeb({ env: { SMTP_URL: 'smtp://localhost:1' } })
    expect((await real.server.request('http://anything.example/')).status).toBe(200)
    expect((await real.server.request('http://anything.example/outbox')).status).toBe(404)
  })
})
