/** Pages are requested over real TLS, at the address from DNS. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createPlain, type RequestListener, type Server } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createSocketServer } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask, certificateAt } from '../../src/probes/web.ts'

const file = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')

const known = getCACertificates('default')
beforeAll(() => setDefaultCACertificates([...known, file('site-ca'), file('ca')]))
afterAll(() => setDefaultCACertificates(known))

const page: RequestListener = (request, response) => {
  if (request.url === '/away') response.writeHead(308, { Location: 'https://elsewhere.example/' })
  if (request.url === '/long') response.write('x'.repeat(500_000))
  if (request.url !== '/never') response.end(`${request.method} ${request.headers.host}`)
}

async function listen(server: Server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const target = (path: string, more: object = {}) => ({
    url: new URL(`https://courses.example.org:${port}${path}`),
    addresses: ['127.0.0.1'],
    timeoutMs: 5_000,
    ...more,
  })
  return {
    target,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const secure = (certificate: string) =>
  listen(createServer({ key: file('key'), cert: file(certificate) }, page))

it('a page is requested by name at the given address, and no redirect is followed', async () => {
  await using site = await secure('site')
  expect(await ask('GET', site.target('/'))).toEqual({
    status: 200,
    location: null,
    text: expect.stringMatching(/^GET courses\.example\.org:/),
  })
  expect(await ask('HEAD', site.target('/'))).toMatchObject({ status: 200, text: '' })
  expect(await ask('GET', site.target('/away'))).toMatchObject({
    status: 308,
    location: 'https://elsewhere.example/',
  })
  const long = await ask('GET', site.target('/long'))
  expect('text' in long && long.text.length).toBe(65_536)
})

it('the certificate is read even if it is not valid', async () => {
  await using good = await secure('site')
  const certificate = await certificateAt(good.target('/'))
  expect(certificate?.issuer).toBe('Test authority of a site')
  expect(certificate?.until.toString()).toMatch(/^21/)
  await using expired = await secure('expired')
  expect((await certificateAt(expired.target('/')))?.until.toString()).toMatch(/^20[012]/)
})

it.each([
  ['expired', /has expired/],
  ['other-name', /another name|authority/],
  ['self-signed', /self-signed/],
])('with the certificate %s no request is made', async (certificate, words) => {
  await using site = await secure(certificate)
  expect(await ask('GET', site.target('/'))).toEqual({
    failed: expect.stringMatching(words),
    isTls: true,
  })
})

it('a server without TLS, a closed port and a missing answer are told apart', async () => {
  await using plain = await listen(createPlain(page))
  expect(await ask('GET', plain.target('/'))).toMatchObject({
    failed: 'it does not speak TLS on this port',
    isTls: true,
  })
  expect(await certificateAt(plain.target('/'))).toBeNull()
  await using site = await secure('site')
  const silent = site.target('/never', { timeoutMs: 200 })
  expect(await ask('GET', silent)).toEqual({ failed: 'it does not answer in time', isTls: false })
  const gone = { ...site.target('/'), url: new URL('https://courses.example.org:1/') }
  expect(await ask('GET', gone)).toEqual({ failed: 'nothing listens there', isTls: false })
  expect(await certificateAt(gone)).toBeNull()
})

it('waiting for a certificate ends after a timeout', async () => {
  const mute = createSocketServer(() => {})
  mute.listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const { port } = mute.address() as AddressInfo
  const url = new URL(`https://courses.example.org:${port}/`)
  expect(await certificateAt({ url, addresses: ['127.0.0.1'], timeoutMs: 200 })).toBeNull()
  mute.close()
})
