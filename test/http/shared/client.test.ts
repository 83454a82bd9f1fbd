import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { detectNetwork, networkOf } from '../../../src/http/shared/client.ts'
import { keptLog } from '../../support/log.ts'
import { until } from '../../support/wait.ts'
import { from, testWeb } from '../../support/web.ts'

it('an untrusted proxy is reported once, with what to set', async () => {
  const { log, messages } = keptLog()
  await using web = await testWeb({ log, env: { TRUST_PROXY: '0' } })
  await web.get('/')
  expect(messages()).toEqual([])
  for (const path of ['/', '/healthz', '/nowhere']) await web.get(path, from('198.51.100.1'))
  expect(messages()).toEqual([
    expect.stringMatching(/X-Forwarded-For.*set TRUST_PROXY to the number/),
  ])
  const told = async () => (await web.app.operator.status()).notices
  await until('status to tell it', async () => (await told()).length === 1)
  expect(await told()).toEqual([expect.stringContaining('set TRUST_PROXY to the number')])
  await using trusting = await testWeb({ env: { DATABASE_URL: web.app.databaseUrl } })
  await until(
    'it to be put right',
    async () => (await trusting.app.operator.status()).notices.length === 0,
  )
})

it('an untrusted proxy that speaks only RFC 7239 is reported as well', async () => {
  const { log, messages } = keptLog()
  await using web = await testWeb({ log, env: { TRUST_PROXY: '0' } })
  await web.get('/', { Forwarded: 'for=198.51.100.1' })
  expect(messages()).toEqual([expect.stringMatching(/set TRUST_PROXY to the number/)])
})

it('a trusted proxy is not reported', async () => {
  const { log, messages } = keptLog()
  await using web = await testWeb({ log })
  await web.get('/', from('198.51.100.1'))
  expect(messages()).toEqual([])
})

describe('the network of a request', () => {
  const networkSeen = async (forwarded: string) => {
    const server = new Hono().use(detectNetwork(1)).get('/', (c) => c.text(networkOf(c)))
    return (await server.request('/', { headers: from(forwarded) })).text()
  }

  it.each([
    ['198.51.100.77', '198.51.100.0/24'],
    ['203.0.113.9, 198.51.100.77', '198.51.100.0/24'],
    ['198.51.100.77:4711', '198.51.100.0/24'],
    ['::ffff:198.51.100.77', '198.51.100.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:2::1', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]:4711', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['localhost', 'unknown'],
    ['1.2.3.4.5', 'unknown'],
    ['', 'unknown'],
  ])('%s is %s', async (forwarded, network) => {
    expect(await networkSeen(forwarded)).toBe(network)
  })
})
