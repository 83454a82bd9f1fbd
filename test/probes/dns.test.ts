/** Real DNS queries, on loopback. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { NoAnswerError } from '../../src/domain/doctor/dns.ts'
import { openNames } from '../../src/probes/dns.ts'
import { type Dns, openDns } from '../support/dns.ts'

const LONG = `v=DKIM1; k=rsa; p=${'A'.repeat(400)}`

let dns: Dns
let names: ReturnType<typeof openNames>
beforeAll(async () => {
  dns = await openDns(
    { name: 'example.org.', type: 'TXT', value: 'v=spf1 ~all' },
    { name: 'example.org.', type: 'TXT', value: 'something else' },
    { name: 'long.example.org.', type: 'TXT', value: LONG },
    { name: 'example.org.', type: 'MX', value: '20 second.example.org.' },
    { name: 'example.org.', type: 'MX', value: '10 first.example.org.' },
    { name: 'null.example.org.', type: 'MX', value: '0 .' },
    { name: 'first.example.org.', type: 'A', value: '192.0.2.1' },
    { name: 'first.example.org.', type: 'AAAA', value: '2001:db8::1' },
    { name: '1.2.0.192.in-addr.arpa.', type: 'PTR', value: 'first.example.org.' },
    {
      name: `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa.`,
      type: 'PTR',
      value: 'six.example.org.',
    },
    { name: 'large.example.org.', type: 'TXT', value: 'over TCP' },
  )
  dns.fail('large.example.org', 'truncated')
  dns.fail('broken.example.org', 'servfail')
  dns.fail('refused.example.org', 'refused')
  dns.fail('silent.example.org', 'silent')
  names = openNames([dns.address])
})
afterAll(async () => {
  names.close()
  await dns[Symbol.asyncDispose]()
})

it('returns each record in one piece, and mail servers by priority', async () => {
  expect((await names.txt('example.org')).toSorted()).toEqual(['something else', 'v=spf1 ~all'])
  expect(await names.txt('long.example.org')).toEqual([LONG])
  expect((await names.mx('example.org')).map(({ exchange }) => exchange)).toEqual([
    'first.example.org',
    'second.example.org',
  ])
  expect(await names.mx('null.example.org')).toMatchObject([{ exchange: '', priority: 0 }])
  expect(await names.addresses('first.example.org')).toEqual(['192.0.2.1', '2001:db8::1'])
  expect(await names.ptr('192.0.2.1')).toEqual(['first.example.org'])
  expect(await names.ptr('2001:db8::1')).toEqual(['six.example.org'])
})

it('returns nothing, without an error, for missing records and names', async () => {
  expect(await names.txt('first.example.org')).toEqual([])
  expect(await names.txt('gone.example.org')).toEqual([])
  expect(await names.addresses('org')).toEqual([])
  expect(await names.addresses('-.-')).toEqual([])
})

it('uses TCP for an answer that is too long for UDP', async () => {
  expect(await names.txt('large.example.org')).toEqual(['over TCP'])
  expect(dns.asked).toContain('tcp TXT large.example.org')
})

it('throws if the server fails, refuses or does not answer', async () => {
  await expect(names.txt('broken.example.org')).rejects.toThrow(/SERVFAIL/)
  await expect(names.txt('refused.example.org')).rejects.toThrow(/refuses/)
  await expect(names.mx('silent.example.org')).rejects.toThrow(NoAnswerError)
})

it('asks nothing twice', async () => {
  await names.txt('once.example.org')
  await Promise.all([names.txt('once.example.org'), names.txt('ONCE.example.org')])
  expect(dns.asked.filter((one) => one === 'TXT once.example.org')).toHaveLength(1)
})
