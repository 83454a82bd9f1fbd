/** The findings on mail servers, host names, policies, block lists and pages. */
import { describe, expect, it } from 'vitest'
import { blocklistQueryName, judgeListings } from '../../../src/domain/doctor/blocklists.ts'
import {
  type DoctorFinding,
  error,
  ok,
  record,
  recordsOf,
  summaryOf,
} from '../../../src/domain/doctor/finding.ts'
import {
  type Incoming,
  judgeHost,
  judgeIncoming,
  type SendingHost,
} from '../../../src/domain/doctor/judge-names.ts'
import { judgeVisit, type WebVisit } from '../../../src/domain/doctor/judge-web.ts'
import { judgePolicies, type Policies } from '../../../src/domain/doctor/policies.ts'
import { includeFor } from '../../../src/domain/doctor/relays.ts'

const NOW = Temporal.Instant.from('2027-03-20T12:00:00Z')
const said = (findings: readonly DoctorFinding[]) =>
  findings.map(({ severity, id }) => `${severity} ${id}`)

describe('mail servers', () => {
  const mx = (exchange: string, ...addresses: string[]) => ({ exchange, priority: 10, addresses })
  const GOOD: Incoming = {
    domain: 'example.org',
    use: 'from',
    exchanges: [mx('mx.example.org', '192.0.2.1')],
    addresses: [],
    ownHost: 'courses.example.org',
  }
  it.each<[Partial<Incoming>, string, string | null]>([
    [{}, 'ok dns.mx.ok', null],
    [{ exchanges: [] }, 'error dns.mx.missing', '10 mail.provider.example.'],
    [
      { exchanges: [], addresses: ['192.0.2.1'] },
      'warning dns.mx.none',
      '10 mail.provider.example.',
    ],
    [{ exchanges: [], use: 'bounce' }, 'error dns.mx.missing', '10 courses.example.org.'],
    [{ exchanges: [mx('')] }, 'error dns.mx.null', '10 mail.provider.example.'],
    [{ exchanges: [mx('mx.gone.example')] }, 'error dns.mx.dead', null],
    [{ exchanges: [mx('mx.gone.example'), mx('b.example', '192.0.2.1')] }, 'ok dns.mx.ok', null],
  ])('%j: %s', (facts, wanted, value) => {
    const found = judgeIncoming({ ...GOOD, ...facts })
    expect(said(found)).toEqual([wanted])
    expect(found[0]?.records[0]?.value ?? null).toBe(value)
  })
})

describe('a host that sends', () => {
  const named = (name: string, ...addresses: string[]) => ({ name, addresses })
  const back = named('courses.example.org', '203.0.113.5')
  const GOOD: SendingHost = {
    name: 'courses.example.org',
    addresses: ['203.0.113.5'],
    reverse: [{ address: '203.0.113.5', names: [back] }],
    isSeen: true,
    ownAddress: null,
  }
  const ptr = (...names: ReturnType<typeof named>[]) => ({
    reverse: [{ address: '203.0.113.5', names }],
  })
  it.each<[Partial<SendingHost>, string[]]>([
    [{}, ['ok dns.ehlo.ok', 'ok dns.ptr.ok']],
    [{ addresses: [], reverse: [] }, ['error dns.ehlo.missing']],
    [{ addresses: [], reverse: [], isSeen: false }, ['warning dns.ehlo.missing']],
    [{ addresses: ['10.0.0.1'], reverse: [] }, ['warning dns.ehlo.private']],
    [ptr(), ['ok dns.ehlo.ok', 'error dns.ptr.missing']],
    [{ ...ptr(), isSeen: false }, ['ok dns.ehlo.ok', 'warning dns.ptr.missing']],
    [ptr(named('vm7.host.example')), ['ok dns.ehlo.ok', 'error dns.ptr.no-forward']],
    [ptr(named('vm7.host.example', '203.0.113.5')), ['ok dns.ehlo.ok', 'info dns.ptr.other-name']],
    [ptr(named('vm7.host.example'), back), ['ok dns.ehlo.ok', 'ok dns.ptr.ok']],
  ])('%j', (facts, wanted) => {
    expect(said(judgeHost({ ...GOOD, ...facts }))).toEqual(wanted)
  })

  it('gets the records that make it good', () => {
    const [, missing] = judgeHost({ ...GOOD, ...ptr() })
    expect(missing?.records).toEqual([
      record('PTR', '5.113.0.203.in-addr.arpa', 'courses.example.org.'),
    ])
    const own = { addresses: [], reverse: [], ownAddress: '2001:db8::1' }
    expect(judgeHost({ ...GOOD, ...own })[0]?.records).toEqual([
      record('AAAA', 'courses.example.org', '2001:db8::1'),
    ])
    const unknown = judgeHost({ ...GOOD, ...own, ownAddress: null })[0]?.records[0]
    expect(unknown).toMatchObject({ type: 'A', fillIn: expect.stringContaining('address') })
  })
})

describe('policies', () => {
  const POLICY = 'version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 86400\n'
  const STS = { mtaSts: ['v=STSv1; id=20270320;'], policy: { text: POLICY } }
  const NONE: Policies = {
    domain: 'example.org',
    mtaSts: [],
    policy: null,
    exchanges: [{ exchange: 'mx.example.org', priority: 10 }],
    tlsRpt: [],
    bimi: [],
    dmarc: 'none',
  }
  const elsewhere = [{ exchange: 'a.mx.example.org', priority: 10 }]
  it.each<[Partial<Policies>, string[]]>([
    [{}, ['ok dns.policies.none']],
    [STS, ['ok dns.mta-sts.ok']],
    [{ ...STS, policy: { text: POLICY.replaceAll('\n', '\r\n') } }, ['ok dns.mta-sts.ok']],
    [{ ...STS, mtaSts: ['v=STSv1'] }, ['error dns.mta-sts.syntax']],
    [{ ...STS, mtaSts: ['v=STSv1; id=a', 'v=STSv1; id=b'] }, ['error dns.mta-sts.syntax']],
    [{ ...STS, policy: { failed: 'status 404' } }, ['error dns.mta-sts.no-policy']],
    [{ ...STS, policy: { text: '<html>' } }, ['error dns.mta-sts.policy']],
    [{ ...STS, exchanges: elsewhere }, ['error dns.mta-sts.mx']],
    [{ tlsRpt: ['v=TLSRPTv1; rua=mailto:a@example.org'] }, ['ok dns.tls-rpt.ok']],
    [{ tlsRpt: ['v=TLSRPTv1; rua=a@example.org'] }, ['warning dns.tls-rpt.syntax']],
    [{ bimi: ['v=BIMI1; l=https://example.org/a.svg'], dmarc: 'reject' }, ['ok dns.bimi.ok']],
    [{ bimi: ['v=BIMI1; l=https://example.org/a.svg'] }, ['info dns.bimi.dmarc']],
    [{ bimi: ['v=BIMI1; l=http://example.org/a.svg'] }, ['warning dns.bimi.syntax']],
  ])('%j', (facts, wanted) => {
    expect(said(judgePolicies({ ...NONE, ...facts }))).toEqual(wanted)
  })
})

describe('pages', () => {
  const ANSWER = { status: 404, location: null, text: '' }
  const leaving = (answer: WebVisit['leaving'][number]['answer']) => ({
    leaving: [{ method: 'GET', path: '/unsubscribe/x', answer }],
  })
  const GOOD: WebVisit = {
    url: 'https://courses.example.org',
    host: 'courses.example.org',
    addresses: ['203.0.113.5'],
    certificate: null,
    health: { status: 200, location: null, text: 'ok' },
    ...leaving(ANSWER),
  }
  it.each<[Partial<WebVisit>, string[]]>([
    [{}, ['ok web.ok', 'ok web.unsubscribe.ok']],
    [{ health: { failed: 'x', isTls: false } }, ['error web.unreachable']],
    [{ health: { failed: 'x', isTls: true } }, ['error web.tls.failed']],
    [{ health: { ...ANSWER, status: 200, text: '<html>' } }, ['error web.other']],
    [{ health: { ...ANSWER, status: 301, location: '/x' } }, ['error web.other']],
    [leaving({ ...ANSWER, status: 308 }), ['ok web.ok', 'error web.unsubscribe.redirect']],
    [leaving({ ...ANSWER, location: '/' }), ['ok web.ok', 'error web.unsubscribe.redirect']],
    [leaving({ ...ANSWER, status: 403 }), ['ok web.ok', 'warning web.unsubscribe.barred']],
    [leaving({ failed: 'x', isTls: false }), ['ok web.ok', 'warning web.unsubscribe.unanswered']],
  ])('%j', (facts, wanted) => {
    expect(said(judgeVisit({ ...GOOD, ...facts }, NOW))).toEqual(wanted)
  })
})

it('block lists: listed, silent for public resolvers, and clean', () => {
  const one = (list: string, codes: string[] | null) => ({ list, what: '203.0.113.5', codes })
  expect(
    said(
      judgeListings([
        one('a.example', ['127.0.0.2']),
        one('b.example', ['127.255.255.254']),
        one('c.example', null),
        one('d.example', []),
      ]),
    ),
  ).toEqual([
    'error dns.blocklist.listed',
    'info dns.blocklist.unanswered',
    'info dns.blocklist.unanswered',
    'ok dns.blocklist.clean',
  ])
  expect(blocklistQueryName('203.0.113.5', 'a.example')).toBe('5.113.0.203.a.example')
  expect(blocklistQueryName('example.org', 'a.example')).toBe('example.org.a.example')
})

it('relays are recognized by the end of their names', () => {
  expect(includeFor('email-smtp.eu-west-1.amazonaws.com')).toBe('amazonses.com')
  expect(includeFor('notgmail.com')).toBeNull()
})

it('a record is listed once, and of two SPF records for a name only the last', () => {
  const spf = (value: string) =>
    error('dns.x', '', { records: [record('TXT', 'a.example', value)] })
  const a = error('dns.y', '', { records: [record('A', 'a.example.', '192.0.2.1')] })
  const findings = [spf('v=spf1 ~all'), a, spf('v=spf1 a ~all'), a, ok('dns.z', '')]
  expect(recordsOf(findings).map(({ name, value }) => `${name} ${value}`)).toEqual([
    'a.example. v=spf1 a ~all',
    'a.example. 192.0.2.1',
  ])
  expect(summaryOf(findings)).toEqual({ errors: 4, warnings: 0 })
})
