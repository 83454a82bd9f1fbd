import { describe, expect, it } from 'vitest'
import {
  externalReportDomains,
  judgeAlignment,
  judgeDmarc,
  judgeReports,
  walkDmarc,
} from '../../../src/domain/doctor/dmarc.ts'
import { zone } from './zone.ts'

const TERMS = { reportsTo: 'ada@example.org' }
const PROPOSED = 'v=DMARC1; p=none; rua=mailto:ada@example.org'
const withRecord = (name: string, ...texts: string[]) => zone([[`_dmarc.${name}`, 'TXT', ...texts]])

describe('the record that counts', () => {
  it.each([
    // asked for, [where, text], found at, organization
    ['example.org', [['example.org', 'v=DMARC1; p=none']], 'example.org', 'example.org'],
    ['a.b.example.org', [['example.org', 'v=DMARC1; p=none']], 'example.org', 'example.org'],
    [
      'mail.example.org',
      [
        ['mail.example.org', 'v=DMARC1; p=reject'],
        ['example.org', 'v=DMARC1; p=none'],
      ],
      'mail.example.org',
      'example.org',
    ],
    [
      'a.dept.example.org',
      [
        ['dept.example.org', 'v=DMARC1; p=reject; psd=n'],
        ['example.org', 'v=DMARC1; p=none'],
      ],
      'dept.example.org',
      'dept.example.org',
    ],
    ['a.agency.gov', [['gov', 'v=DMARC1; p=reject; psd=y']], null, 'agency.gov'],
    ['example.org', [], null, 'example.org'],
  ] as const)('for %s with %j is at %s, of %s', async (asked, lines, at, organization) => {
    const names = zone(lines.map(([name, text]) => [`_dmarc.${name}`, 'TXT', text]))
    const walk = await walkDmarc(asked, names)
    expect([walk.record?.domain ?? null, walk.organization]).toEqual([at, organization])
  })

  it('for a long name takes eight look-ups at most', async () => {
    const asked: string[] = []
    const names = zone([])
    const txt = (name: string) => {
      asked.push(name)
      return names.txt(name)
    }
    await walkDmarc('a.b.c.d.e.f.g.h.i.j.example.org', { ...names, txt })
    expect(asked).toHaveLength(8)
    expect(asked[1]).toBe('_dmarc.f.g.h.i.j.example.org')
  })
})

describe('judging a record', () => {
  it.each([
    [['v=DMARC1; p=none; rua=mailto:a@example.org'], [['ok', 'dns.dmarc.ok']]],
    [['v=DMARC1; rua=mailto:a@example.org'], [['ok', 'dns.dmarc.ok']]],
    [[], [['error', 'dns.dmarc.missing']]],
    [['v=spf1 ~all'], [['error', 'dns.dmarc.missing']]],
    [['v=DMARC1; p=none', 'v=DMARC1; p=reject'], [['error', 'dns.dmarc.several']]],
    [['v=DMARC1; p=nothing'], [['error', 'dns.dmarc.syntax']]],
    [['v=DMARC1 p=none'], [['error', 'dns.dmarc.syntax']]],
    [['v=DMARC1;'], [['error', 'dns.dmarc.syntax']]],
    [
      ['v=DMARC1; p=reject; pct=50'],
      [
        ['ok', 'dns.dmarc.ok'],
        ['info', 'dns.dmarc.pct'],
        ['info', 'dns.dmarc.no-reports'],
      ],
    ],
  ])('%j: %j', async (texts, wanted) => {
    const walk = await walkDmarc('example.org', withRecord('example.org', ...texts))
    const found = judgeDmarc(walk, TERMS)
    expect(found.map(({ severity, id }) => [severity, id])).toEqual(wanted)
    if (found[0]?.severity === 'error')
      expect(found[0].records).toMatchObject([{ name: '_dmarc.example.org.', value: PROPOSED }])
  })

  it('gives a subdomain the policy for subdomains', async () => {
    const names = withRecord('example.org', 'v=DMARC1; p=reject; sp=none; rua=mailto:a@example.org')
    const [found] = judgeDmarc(await walkDmarc('mail.example.org', names), TERMS)
    expect(found?.what).toBe('DMARC of mail.example.org: p=none, from example.org.')
  })

  it('requires consent from elsewhere for reports that go there', async () => {
    const text = 'v=DMARC1; p=none; rua=mailto:a@example.org,mailto:b@reports.example!10m'
    const walk = await walkDmarc('example.org', withRecord('example.org', text))
    expect(externalReportDomains(walk)).toEqual(['reports.example'])
    expect(judgeReports(true, 'example.org', 'reports.example')).toEqual([])
    expect(judgeReports(false, 'example.org', 'reports.example')).toMatchObject([
      { severity: 'warning', records: [{ name: 'example.org._report._dmarc.reports.example.' }] },
    ])
  })
})

describe('alignment', () => {
  const own = (domain: string) => ({ domain, organization: domain })
  it.each([
    ['', 'example.org', [], 'SPF (example.org)'],
    ['', 'bounces.example.org', [], 'SPF (bounces.example.org)'],
    ['; aspf=s', 'bounces.example.org', [], null],
    ['', 'relay.net', ['example.org'], 'DKIM (d=example.org)'],
    ['; adkim=s', 'relay.net', ['mail.example.org'], null],
    ['', 'relay.net', ['relay.net'], null],
    ['', 'notexample.org', [], null],
  ])('with "p=none%s", %s and %j: %s', async (more, envelope, signing, ways) => {
    const from = await walkDmarc(
      'example.org',
      withRecord('example.org', `v=DMARC1; p=none${more}`),
    )
    const [found] = judgeAlignment({
      from,
      envelope: own(envelope),
      signatures: signing.map(own),
    })
    expect(found?.severity).toBe(ways ? 'ok' : 'error')
    if (ways) expect(found?.what).toContain(ways)
  })
})
