/** A receiver's daily reports: TLS (RFC 8460) and DMARC (RFC 9990). */
import { deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readDmarcReport } from '../../../src/mail/inbound/dmarc-report.ts'
import { readReports } from '../../../src/mail/inbound/read-reports.ts'
import { readTlsReport } from '../../../src/mail/inbound/tls-report.ts'
import { mail, multipart, part } from './shapes.ts'

const TLS = {
  'organization-name': 'Receiver Inc.',
  'date-range': {
    'start-datetime': '2026-11-29T00:00:00Z',
    'end-datetime': '2026-11-29T23:59:59Z',
  },
  'contact-info': 'tls@receiver.example',
  'report-id': '2026-11-29T00:00:00Z_course.example',
  policies: [
    {
      policy: {
        'policy-type': 'sts',
        'policy-domain': 'Course.example',
        'mx-host': ['mx.course.example'],
      },
      summary: { 'total-successful-session-count': 5326, 'total-failure-session-count': 3 },
      'failure-details': [
        {
          'result-type': 'certificate-expired',
          'sending-mta-ip': '192.0.2.25',
          'receiving-mx-hostname': 'mx.course.example',
          'failed-session-count': 3,
        },
      ],
    },
  ],
}

const record = (ip: string, count: number, dkim = 'pass', spf = 'pass', disposition = 'none') =>
  `<record><row><source_ip>${ip}</source_ip><count>${count}</count><policy_evaluated><disposition>${disposition}</disposition><dkim>${dkim}</dkim><spf>${spf}</spf></policy_evaluated></row><identifiers><header_from>course.example</header_from><envelope_from>bounces.course.example</envelope_from></identifiers><auth_results><dkim><domain>course.example</domain><result>${dkim}</result></dkim><dkim><domain>relay.example</domain><result>pass</result></dkim></auth_results></record>`
const dmarc = (records: string, head = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>${head}<feedback><report_metadata><org_name>receiver &amp; sons</org_name><email>d@receiver.example</email><report_id>77</report_id><date_range><begin>1795910400</begin><end>1795996799</end></date_range></report_metadata><policy_published><domain>course.example</domain><adkim>r</adkim><p>quarantine</p></policy_published>${records}</feedback>`
const DMARC = dmarc(
  record('198.51.100.7', 40) +
    record('198.51.100.7', 2) +
    record('203.0.113.9', 5, 'fail', 'fail', 'quarantine'),
)

function zip(data: Buffer, entries = 1): Buffer {
  const packed = deflateRawSync(data)
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(8, 8)
  local.writeUInt16LE(5, 26)
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(8, 10)
  entry.writeUInt32LE(packed.length, 20)
  entry.writeUInt32LE(data.length, 24)
  entry.writeUInt16LE(5, 28)
  const name = Buffer.from('a.xml')
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries, 8)
  end.writeUInt16LE(entries, 10)
  end.writeUInt32LE(30 + 5 + packed.length, 16)
  return Buffer.concat([local, name, packed, entry, name, end])
}

const attached = (
  type: string,
  name: string,
  bytes: Buffer,
  subject = 'Report Domain: course.example Submitter: receiver.example Report-ID: <77>',
) =>
  mail(
    { from: 'noreply@receiver.example', subject, returnPath: '<noreply@receiver.example>' },
    multipart(
      'mixed',
      part('This is a report.'),
      `Content-Type: ${type}; name="${name}"\nContent-Disposition: attachment; filename="${name}"\nContent-Transfer-Encoding: base64\n\n${bytes.toString('base64').replace(/(.{76})/g, '$1\n')}\n`,
    ),
  )

const NAME = 'receiver.example!course.example!1795910400!1795996799'

describe('a TLS report', () => {
  const packed = gzipSync(JSON.stringify(TLS))

  it.each([
    ['application/tlsrpt+gzip', `${NAME}!001.json.gz`],
    ['application/octet-stream', `${NAME}!001.json.gz`],
    ['application/gzip', `${NAME}.json.gz`],
  ])('attached as %s is recognized and summed up', async (type, name) => {
    const { reports, files, isAutomatic } = await readReports(attached(type, name, packed))
    expect(reports.map(({ kind }) => kind)).toEqual(['tls_report'])
    expect(isAutomatic).toBe(true)
    expect(await readTlsReport(files[0]?.bytes ?? Buffer.alloc(0))).toMatchObject({
      reportedBy: 'Receiver Inc.',
      from: Temporal.Instant.from('2026-11-29T00:00:00Z'),
      policies: [
        {
          type: 'sts',
          domain: 'course.example',
          succeeded: 5326,
          failed: 3,
          failures: [{ type: 'certificate-expired', sessions: 3, sendingIp: '192.0.2.25' }],
        },
      ],
    })
  })

  it('is read up to its 100th policy, and the 200th failure of each', async () => {
    const [policy] = TLS.policies
    const failures = [...Array<unknown>(200).fill({ 'result-type': 'x' }), 'no failure']
    const long = { ...policy, 'failure-details': failures }
    const policies = [...Array<unknown>(100).fill(long), 'no policy']
    const report = await readTlsReport(gzipSync(JSON.stringify({ ...TLS, policies })))
    expect(report?.policies.map((one) => one.failures.length)).toEqual(Array(100).fill(200))
  })

  it.each([
    ['no JSON', '{'],
    ['something else', '{"a":1}'],
    [
      'no date',
      JSON.stringify({ ...TLS, 'date-range': { 'start-datetime': 'x', 'end-datetime': '' } }),
    ],
    [
      'of another age',
      JSON.stringify(TLS).replace('2026-11-29T00:00:00Z', '+010000-01-01T00:00:00Z'),
    ],
    [
      'of an earlier age',
      JSON.stringify(TLS).replace('2026-11-29T00:00:00Z', '1999-12-31T00:00:00Z'),
    ],
    ['deep', '['.repeat(100_000)],
  ])('is not accepted from input that is %s', async (_, text) => {
    expect(await readTlsReport(Buffer.from(text))).toBeNull()
  })
})

describe('a DMARC report', () => {
  it.each([
    ['application/gzip', `${NAME}.xml.gz`, gzipSync(DMARC)],
    ['application/zip', `${NAME}.zip`, zip(Buffer.from(DMARC))],
    ['text/xml', `${NAME}.xml`, Buffer.from(DMARC)],
    ['application/octet-stream', `${NAME}!9.xml.gz`, gzipSync(DMARC)],
    ['application/zip', 'report.zip', zip(Buffer.from(DMARC))],
  ])('attached as %s, named %s, is recognized and summed up', async (type, name, bytes) => {
    const { reports, files } = await readReports(attached(type, name, bytes))
    expect(reports.map(({ kind }) => kind)).toEqual(['dmarc_report'])
    expect(await readDmarcReport(files[0]?.bytes ?? Buffer.alloc(0))).toEqual({
      reportedBy: 'receiver & sons',
      reportId: '77',
      from: Temporal.Instant.from('2026-11-29T00:00:00Z'),
      until: Temporal.Instant.from('2026-11-29T23:59:59Z'),
      domain: 'course.example',
      policy: 'quarantine',
      isCut: false,
      sources: [
        {
          sourceIp: '198.51.100.7',
          mails: 42,
          disposition: 'none',
          dkimAligned: true,
          spfAligned: true,
          headerFrom: 'course.example',
          envelopeFrom: 'bounces.course.example',
        },
        expect.objectContaining({
          sourceIp: '203.0.113.9',
          mails: 5,
          dkimAligned: false,
          spfAligned: false,
          disposition: 'quarantine',
        }),
      ],
    })
  })

  it('resolves no entities but the predefined ones of XML', async () => {
    const bomb = `<!DOCTYPE feedback [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>`
    const report = await readDmarcReport(
      Buffer.from(dmarc(record('198.51.100.7', 1), bomb).replace('receiver &amp; sons', '&b;&x;')),
    )
    expect(report?.reportedBy).toBe('&b;&x;')
  })

  it('is not accepted with too many texts before its records', async () => {
    const more = Array.from({ length: 200 }, (_, at) => `<x${at}>y</x${at}>`).join('')
    const late = DMARC.replace('<report_metadata>', `${more}<report_metadata>`)
    expect(await readDmarcReport(Buffer.from(late))).toBeNull()
  })

  it('is read up to its 3,000th record', async () => {
    const records = Array.from({ length: 3_001 }, (_, at) => record(`192.0.2.${at}`, 1)).join('')
    const report = await readDmarcReport(gzipSync(dmarc(records)))
    expect([report?.isCut, report?.sources.length]).toEqual([true, 3_000])
  })

  it.each([
    ['of an earlier age', Buffer.from(DMARC.replace('1795910400', '946684799'))],
    ['larger than 2 MiB', gzipSync(`${DMARC}${' '.repeat(2 * 1024 * 1024)}`)],
    ['a bomb', gzipSync(Buffer.alloc(40 * 1024 * 1024))],
    ['a bomb in a zip', zip(Buffer.alloc(40 * 1024 * 1024))],
    ['a zip of many', zip(Buffer.from(DMARC), 2)],
    ['a broken zip', zip(Buffer.from(DMARC)).subarray(0, 200)],
    ['a broken gzip', gzipSync(DMARC).subarray(0, 100)],
    ['too large', Buffer.alloc(3 * 1024 * 1024)],
    ['another document', Buffer.from('<html><body/></html>')],
    ['deep', Buffer.from('<feedback>'.repeat(500_000))],
    ['empty', Buffer.alloc(0)],
  ])('is not accepted from input that is %s', async (_, bytes) => {
    expect(await readDmarcReport(bytes)).toBeNull()
  })
})

it('a mail with some other attachment is not read as a report', async () => {
  const { reports } = await readReports(
    attached('application/zip', 'holiday.zip', zip(Buffer.from('x')), 'Re: Day 7'),
  )
  expect(reports.map(({ kind }) => kind)).toEqual(['reply'])
})
