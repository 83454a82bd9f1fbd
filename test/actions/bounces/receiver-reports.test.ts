/** Reports of receivers, from the files attached to mails to what an operator sees. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fromDmarc, storeReceiverReport } from '../../../src/actions/bounces/receiver-reports.ts'
import type { ReceiverReport } from '../../../src/domain/receiver-report.ts'
import * as stores from '../../../src/store/index.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { keptLog } from '../../support/log.ts'

let test: TestApp
beforeAll(async () => {
  test = await testApp({
    env: {
      MAIL_FROM: 'Dawnpost <morning@courses.example>',
      BOUNCE_DOMAIN: 'b.courses.example',
    },
  })
})
afterAll(() => test?.[Symbol.asyncDispose]())

interface Row {
  readonly ip: string
  readonly count: number
  readonly dkim: 'pass' | 'fail'
  readonly spf: 'pass' | 'fail'
}
const OURS: Row = { ip: '192.0.2.1', count: 120, dkim: 'pass', spf: 'pass' }
const THEIRS: Row = { ip: '203.0.113.66', count: 7, dkim: 'fail', spf: 'fail' }

const dmarc = (id: string, domain: string, rows: readonly Row[], org = 'receiver.example') => ({
  kind: 'dmarc_report' as const,
  name: `${org}!${domain}!1!2.xml.gz`,
  bytes: gzipSync(`<?xml version="1.0"?>
    <feedback><report_metadata><org_name>${org}</org_name><report_id>${id}</report_id>
      <date_range><begin>1805414400</begin><end>1805500799</end></date_range></report_metadata>
    <policy_published><domain>${domain}</domain><p>none</p></policy_published>
    ${rows
      .map(
        ({
          ip,
          count,
          dkim,
          spf,
        }) => `<record><row><source_ip>${ip}</source_ip><count>${count}</count>
      <policy_evaluated><disposition>none</disposition><dkim>${dkim}</dkim><spf>${spf}</spf></policy_evaluated></row>
      <identifiers><header_from>${domain}</header_from></identifiers></record>`,
      )
      .join('')}</feedback>`),
})

const tls = (id: string, ...domains: string[]) => ({
  kind: 'tls_report' as const,
  name: 'a.json.gz',
  bytes: gzipSync(
    JSON.stringify({
      'organization-name': 'Receiver Inc.',
      'date-range': {
        'start-datetime': '2027-03-18T00:00:00Z',
        'end-datetime': '2027-03-18T23:59:59Z',
      },
      'report-id': id,
      policies: domains.map((domain) => ({
        policy: { 'policy-type': 'sts', 'policy-domain': domain },
        summary: { 'total-successful-session-count': 50, 'total-failure-session-count': 3 },
        'failure-details': [
          {
            'result-type': 'certificate-expired',
            'failed-session-count': 3,
            'receiving-mx-hostname': 'mx.courses.example',
          },
        ],
      })),
    }),
  ),
})

const summary = () => test.app.bounces.receiverReports(test.app.now().subtract({ hours: 1 }))
type Files = Parameters<TestApp['app']['bounces']['takeReceiverFiles']>[0]
/** Takes each file as the attachment of a separate mail. */
const take = async (...files: Files) =>
  (await Promise.all(files.map((file) => test.app.bounces.takeReceiverFiles([file])))).flat()

it('each report is kept once, and summaries list what failed first', async () => {
  const files = [
    dmarc('1', 'courses.example', [OURS, THEIRS]),
    dmarc('2', 'courses.example', [OURS, { ...OURS, ip: '192.0.2.2', dkim: 'fail', count: 3 }]),
    dmarc('1', 'courses.example', [THEIRS], 'another.example'),
    tls('t1', 'b.courses.example'),
  ]
  expect(await take(...files)).toEqual(['kept', 'kept', 'kept', 'kept'])
  expect(await take(...files)).toEqual(['known', 'known', 'known', 'known'])
  const [ofMail, ofTls] = await summary()
  expect(ofMail).toEqual({
    kind: 'dmarc',
    domain: 'courses.example',
    reports: 3,
    orgs: 2,
    good: 243,
    bad: 14,
    details: [
      { source: '203.0.113.66', isGood: false, how: 'none', count: 14 },
      { source: '192.0.2.1', isGood: true, how: 'DKIM and SPF', count: 240 },
      { source: '192.0.2.2', isGood: true, how: 'SPF', count: 3 },
    ],
  })
  expect(ofTls).toMatchObject({
    kind: 'tls',
    domain: 'b.courses.example',
    good: 50,
    bad: 3,
    details: [{ source: 'certificate-expired', how: 'mx.courses.example', count: 3 }],
  })
  expect((await test.app.operator.status()).receivers).toEqual([ofMail, ofTls])
})

it('a report on other domains, without an ID, or unreadable, is ignored', async () => {
  const before = await summary()
  const none = { kind: 'dmarc_report' as const, name: 'x.xml', bytes: Buffer.from('<html/>') }
  expect(
    await take(
      dmarc('3', 'elsewhere.example', [OURS]),
      dmarc('', 'courses.example', [OURS]),
      dmarc('4', 'notcourses.example', [OURS]),
      none,
      { ...none, kind: 'tls_report' },
    ),
  ).toEqual(['not ours', 'not ours', 'not ours'])
  expect(await summary()).toEqual(before)
  expect(
    await take(tls('t2', 'courses.example', 'elsewhere.example', 'b.courses.example')),
  ).toEqual(['kept', 'not ours', 'kept'])
})

it('only one file of a mail is read, and mails are read one at a time', async () => {
  const many = Array.from({ length: 2_000 }, (_, n) => ({ ...OURS, ip: `192.0.2.${n}` }))
  const two = [tls('t3', 'courses.example'), tls('t4', 'courses.example')]
  expect(await test.app.bounces.takeReceiverFiles(two)).toEqual(['kept'])
  await take(dmarc('long', 'courses.example', many), tls('t5', 'courses.example'))
  const rows = await test.db
    .selectFrom('receiver_reports')
    .select('report_id')
    .orderBy('id', 'desc')
    .limit(3)
    .execute()
  expect(rows.map((row) => row.report_id)).toEqual(['t5', 'long', 't3'])
})

it('only 200 reports an hour are read, and the excess is logged once', async () => {
  const { log, messages } = keptLog()
  await using own = await testApp({ env: { MAIL_FROM: 'a@courses.example' }, log })
  const one = tls('t6', 'courses.example')
  const taken = []
  for (let n = 0; n < 202; n++) taken.push(await own.app.bounces.takeReceiverFiles([one]))
  expect(taken.findIndex((of) => of.length === 0)).toBe(200)
  expect(messages()).toEqual([
    'more receiver reports came than are read in an hour; the rest is not read',
  ])
  own.clock.set(own.app.now().add({ hours: 1 }))
  expect(await own.app.bounces.takeReceiverFiles([one])).toEqual(['known'])
})

const REPORT: ReceiverReport = {
  kind: 'dmarc',
  org: 'org',
  reportId: 'id',
  domain: 'courses.example',
  from: Temporal.Instant.from('2027-03-18T00:00:00Z'),
  until: Temporal.Instant.from('2027-03-19T00:00:00Z'),
  good: 0,
  bad: 1,
  details: [],
}
const deps = () => ({
  db: test.db,
  now: test.app.now,
  stores,
  domain: 'courses.example',
  bounceDomain: null,
})

it('strangers’ text is cut to a limit, and cannot control a terminal', async () => {
  const details = Array.from({ length: 500 }, (_, n) => ({
    source: `\u001b[31m\u202e${n}`.padEnd(900, 'x'),
    count: n,
    isGood: false,
    how: 'reject\nPAUSED',
  }))
  const report = { ...REPORT, org: '\u001b[2J a\u0000 '.padEnd(900, 'o'), details }
  expect(await storeReceiverReport(report, deps())).toBe('kept')
  const row = await test.db
    .selectFrom('receiver_reports')
    .selectAll()
    .where('report_id', '=', 'id')
    .executeTakeFirstOrThrow()
  expect([row.org.length, row.detail.length]).toEqual([255, 100])
  expect(row.org).toMatch(/^\[2J a o+$/)
  expect(row.detail[0]).toMatchObject({ count: 499, how: 'rejectPAUSED' })
  expect(row.detail[0]?.source).toMatch(/^\[31m499x+$/)
})

it('a lone surrogate, sent or left by cutting, is replaced', async () => {
  const detail = { source: '\ud800', count: 1, isGood: false, how: `${'x'.repeat(254)}\u{1f600}` }
  const report = { ...REPORT, org: 'halves', reportId: '\udfff', details: [detail] }
  expect(await storeReceiverReport(report, deps())).toBe('kept')
  const row = await test.db
    .selectFrom('receiver_reports')
    .selectAll()
    .where('org', '=', 'halves')
    .executeTakeFirstOrThrow()
  expect(row.report_id).toBe('\ufffd')
  expect(row.detail[0]).toMatchObject({ source: '\ufffd', how: `${'x'.repeat(254)}\ufffd` })
})

it('invented numbers do not overflow the sum', () => {
  const source = {
    sourceIp: '192.0.2.1',
    mails: Number.MAX_SAFE_INTEGER,
    disposition: 'none',
    dkimAligned: true,
    spfAligned: false,
    headerFrom: 'courses.example',
    envelopeFrom: null,
  }
  const { from, until } = REPORT
  const head = { reportedBy: 'org', reportId: 'huge', from, until, policy: null, isCut: false }
  const report = fromDmarc({ ...head, domain: 'courses.example', sources: [source, source] })
  expect(report.good).toBe(Number.MAX_SAFE_INTEGER)
})

it('at most 2,000 reports are kept, and they are purged after 90 days', async () => {
  const before = await test.db.selectFrom('receiver_reports').select('id').execute()
  for (let n = before.length; n < 2_000; n += 250)
    await Promise.all(
      Array.from({ length: Math.min(250, 2_000 - n) }, (_, of) =>
        storeReceiverReport({ ...REPORT, reportId: `${n + of}` }, deps()),
      ),
    )
  expect(await storeReceiverReport({ ...REPORT, reportId: 'one more' }, deps())).toBe('known')
  test.clock.set(test.app.now().add({ hours: 91 * 24 }))
  await test.app.sender.purge()
  expect(await test.db.selectFrom('receiver_reports').select('id').execute()).toEqual([])
  expect(await storeReceiverReport({ ...REPORT, reportId: 'one more' }, deps())).toBe('kept')
})
