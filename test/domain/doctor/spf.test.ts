import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NoAnswerError } from '../../../src/domain/doctor/dns.ts'
import { judgeSpf } from '../../../src/domain/doctor/judge-spf.ts'
import { readSpf, spfWith, walkSpf } from '../../../src/domain/doctor/spf.ts'
import { zone } from './zone.ts'

const NAMES = zone(
  [
    ['plain.example', 'TXT', 'v=spf1 ip4:192.0.2.0/24 -all'],
    ['two.example', 'TXT', 'v=spf1 ip4:192.0.2.1 -all', 'v=spf1 include:plain.example ~all'],
    [
      'noise.example',
      'TXT',
      'google-site-verification=x',
      'V=SPF1 IP4:192.0.2.9 ~ALL',
      'v=spf10 x',
    ],
    ['include.example', 'TXT', 'v=spf1 include:plain.example ~all'],
    ['nested.example', 'TXT', 'v=spf1 include:include.example a mx ~all'],
    ['nested.example', 'A', '198.51.100.7'],
    ['nested.example', 'MX', '10 mx1.example', '20 mx2.example'],
    ['mx1.example', 'A', '203.0.113.1'],
    ['mx2.example', 'AAAA', '2001:db8:5::1'],
    ['redirect.example', 'TXT', 'v=spf1 redirect=plain.example'],
    ['to-open.example', 'TXT', 'v=spf1 redirect=open.example'],
    ['to-bare.example', 'TXT', 'v=spf1 redirect=bare.example'],
    ['to-to-bare.example', 'TXT', 'v=spf1 redirect=to-bare.example'],
    ['both.example', 'TXT', 'v=spf1 redirect=plain.example ?all'],
    ['wide.example', 'TXT', 'v=spf1 a:mx1.example/24//64 a:mx2.example/24//32 ?all'],
    ['macro.example', 'TXT', 'v=spf1 exists:%{i}.list.example ~all'],
    ['dead.example', 'TXT', 'v=spf1 a:a.gone.example a:b.gone.example a:c.gone.example ~all'],
    ['lost.example', 'TXT', 'v=spf1 include:gone.example ~all'],
    ['loop.example', 'TXT', 'v=spf1 include:loop.example ~all'],
    ['typo.example', 'TXT', 'v=spf1 ipv4:192.0.2.1 ~all'],
    ['wrong.example', 'TXT', 'v=spf1 ip4:2001:db8::1 ~all'],
    ['open.example', 'TXT', 'v=spf1 +all'],
    ['bare.example', 'TXT', 'v=spf1 ip4:192.0.2.1'],
    ['many.example', 'TXT', `v=spf1 ${Array(11).fill('a:mx1.example').join(' ')} ~all`],
    ['ten.example', 'TXT', `v=spf1 ${Array(10).fill('a:mx1.example').join(' ')} ~all`],
    ['fails.example', 'TXT', 'v=spf1 a:silent.example ip4:192.0.2.1 ~all'],
    ['chain.example', 'TXT', 'v=spf1 include:silent.example ~all'],
    ['short.example', 'TXT', 'v=spf1'],
  ],
  ['silent.example'],
)
const RELAY = { includes: [], hosts: ['relay.example'], address: null }

describe('walking a record', () => {
  it.each([
    // domain, address, result, look-ups, void ones, end
    ['plain.example', '192.0.2.77', 'pass', 0, 0, 'fail'],
    ['plain.example', '192.0.3.1', 'fail', 0, 0, 'fail'],
    ['plain.example', '2001:db8::1', 'fail', 0, 0, 'fail'],
    ['noise.example', '192.0.2.9', 'pass', 0, 0, 'softfail'],
    ['include.example', '192.0.2.1', 'pass', 1, 0, 'softfail'],
    ['include.example', '192.0.3.1', 'softfail', 1, 0, 'softfail'],
    ['nested.example', '192.0.2.1', 'pass', 4, 0, 'softfail'],
    ['nested.example', '198.51.100.7', 'pass', 4, 0, 'softfail'],
    ['nested.example', '2001:db8:5::1', 'pass', 4, 0, 'softfail'],
    ['redirect.example', '192.0.2.1', 'pass', 1, 0, 'fail'],
    ['both.example', '192.0.2.1', 'neutral', 0, 0, 'neutral'],
    ['wide.example', '203.0.113.200', 'pass', 2, 0, 'neutral'],
    ['wide.example', '2001:db8:6::9', 'pass', 2, 0, 'neutral'],
    ['wide.example', '2001:db9::9', 'neutral', 2, 0, 'neutral'],
    ['macro.example', '192.0.2.1', null, 1, 0, 'softfail'],
    ['dead.example', '192.0.2.1', 'softfail', 3, 3, 'softfail'],
    ['lost.example', '192.0.2.1', 'softfail', 1, 1, 'softfail'],
    ['many.example', '203.0.113.1', 'pass', 11, 0, 'softfail'],
    ['fails.example', '192.0.2.9', null, 1, 0, 'softfail'],
    ['short.example', '192.0.2.1', 'neutral', 0, 0, null],
    ['gone.example', '192.0.2.1', 'none', 0, 0, null],
  ])('%s and %s: %s', async (domain, address, result, lookups, voids, end) => {
    expect(await walkSpf(domain, NAMES, address)).toMatchObject({ result, lookups, voids, end })
  })

  it('ends in a loop with too many look-ups', async () => {
    expect((await walkSpf('loop.example', NAMES)).lookups).toBeGreaterThan(10)
  })

  it('fails while an included record cannot be looked up', async () => {
    await expect(walkSpf('chain.example', NAMES)).rejects.toThrow(NoAnswerError)
  })

  it('never throws, whatever its text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        readSpf(`v=spf1 ${text}`)
        spfWith(`v=spf1 ${text}`, ['ip4:192.0.2.1'])
      }),
    )
  })
})

describe('judging a record', () => {
  const judged = async (domain: string, exits: object = {}, isEnvelope = true) =>
    judgeSpf(await walkSpf(domain, NAMES, 'address' in exits ? String(exits.address) : null), {
      domain,
      exits: { ...RELAY, ...exits },
      isEnvelope,
    })

  it.each([
    ['plain.example', {}, 'ok', 'dns.spf.ok', undefined],
    ['ten.example', {}, 'ok', 'dns.spf.ok', undefined],
    ['gone.example', {}, 'error', 'dns.spf.missing', 'v=spf1 a:relay.example ~all'],
    [
      'gone.example',
      { includes: ['relay.net'], hosts: [] },
      'error',
      'dns.spf.missing',
      'v=spf1 include:relay.net ~all',
    ],
    [
      'gone.example',
      { address: '2001:db8::1' },
      'error',
      'dns.spf.missing',
      'v=spf1 ip6:2001:db8::1 ~all',
    ],
    [
      'two.example',
      {},
      'error',
      'dns.spf.several',
      'v=spf1 ip4:192.0.2.1 include:plain.example ~all',
    ],
    ['typo.example', {}, 'error', 'dns.spf.syntax', undefined],
    ['wrong.example', {}, 'error', 'dns.spf.syntax', undefined],
    ['lost.example', {}, 'error', 'dns.spf.syntax', undefined],
    ['many.example', {}, 'error', 'dns.spf.too-many-lookups', undefined],
    ['dead.example', {}, 'error', 'dns.spf.void-lookups', undefined],
    ['open.example', {}, 'error', 'dns.spf.anybody', 'v=spf1 ~all'],
    ['bare.example', {}, 'warning', 'dns.spf.open-end', 'v=spf1 ip4:192.0.2.1 ~all'],
    ['both.example', {}, 'warning', 'dns.spf.open-end', 'v=spf1 ~all'],
    ['to-open.example', {}, 'error', 'dns.spf.anybody', undefined],
    ['to-bare.example', {}, 'warning', 'dns.spf.open-end', undefined],
    [
      'plain.example',
      { includes: ['relay.net'] },
      'warning',
      'dns.spf.relay-missing',
      'v=spf1 ip4:192.0.2.0/24 include:relay.net -all',
    ],
    [
      'plain.example',
      { address: '203.0.113.5' },
      'error',
      'dns.spf.not-permitted',
      'v=spf1 ip4:192.0.2.0/24 ip4:203.0.113.5 -all',
    ],
    ['plain.example', { address: '192.0.2.5' }, 'ok', 'dns.spf.ok', undefined],
  ])('%s %j: %s %s', async (domain, exits, severity, id, value) => {
    const [first, ...more] = await judged(domain, exits)
    expect(first).toMatchObject({ severity, id })
    expect(first?.records[0]?.value).toBe(value)
    expect(more).toEqual([])
  })

  it.each(['to-bare.example', 'to-to-bare.example'])(
    'names the record that the open end of %s is in',
    async (domain) => {
      const [finding] = await judged(domain)
      expect(finding?.fix).toBe('It redirects to bare.example: make the record there end in ~all.')
    },
  )

  it('is milder for a domain that is only in From', async () => {
    expect(await judged('gone.example', {}, false)).toMatchObject([{ severity: 'warning' }])
    expect(await judged('plain.example', { includes: ['x.net'] }, false)).toMatchObject([
      { severity: 'info' },
    ])
    expect(await judged('plain.example', { address: '203.0.113.5' }, false)).toMatchObject([
      { severity: 'warning' },
    ])
  })

  it('proposes a record that passes', async () => {
    const names = zone([
      ['new.example', 'TXT', spfWith(undefined, ['a:mx1.example'])],
      ['mx1.example', 'A', '203.0.113.1'],
    ])
    expect((await walkSpf('new.example', names, '203.0.113.1')).result).toBe('pass')
  })
})
