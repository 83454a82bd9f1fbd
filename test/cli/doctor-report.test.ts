import { expect, it } from 'vitest'
import { inLines, zoneLine } from '../../src/cli/doctor-report.ts'
import { error, info, ok, record, warning } from '../../src/domain/doctor/finding.ts'

const LONG = 'x'.repeat(300)

it('explains only failed checks, and ends with the first step to take', () => {
  const findings = [
    ok('configuration.ok', 'The settings are valid.'),
    info('web.local', 'PUBLIC_URL is not set.'),
    warning('dns.mx.none', 'No MX.', { why: 'It matters.', fix: 'Publish one.' }),
    error('dns.spf.missing', 'example.org has no SPF record.', {
      why: 'Providers refuse mail from a domain that does not say which servers may send for it.',
      fix: 'Publish this record.',
      records: [
        record('TXT', 'example.org', 'v=spf1 a ~all', { replaces: ['v=spf1 ~all'] }),
        record('A', 'a.example.org', '192.0.2.1', { fillIn: 'your own address' }),
      ],
    }),
  ]
  expect([...inLines(findings)].join('\n')).toBe(`Settings
  ok       The settings are valid.

DNS
  warning  No MX. [dns.mx.none]
           It matters.
           -> Publish one.
  error    example.org has no SPF record. [dns.spf.missing]
           Providers refuse mail from a domain that does not say which servers
           may send for it.
           -> Publish this record.

              Name   example.org.
              Type   TXT
              Value  v=spf1 a ~all
              Remove v=spf1 ~all

              Name   a.example.org.
              Type   A
              Value  192.0.2.1
                     fill in your own address

Pages
  info     PUBLIC_URL is not set. [web.local]

All records to publish, as lines of a zone file
; replaces what is there now: "v=spf1 ~all"
example.org. IN TXT "v=spf1 a ~all"
; fill in your own address in the next line
a.example.org. IN A 192.0.2.1

1 error, 1 warning
Start here: example.org has no SPF record. Publish this record.
Then run this again. A change in DNS can take an hour to become visible.`)
})

it('a long TXT value is split into strings of 255 bytes, and quotes are escaped', () => {
  expect(zoneLine(record('TXT', 'a.example', LONG))).toBe(
    `a.example. IN TXT ( "${'x'.repeat(255)}" "${'x'.repeat(45)}" )`,
  )
  expect(zoneLine(record('TXT', 'a.example', 'a"b\\c'))).toBe('a.example. IN TXT "a\\"b\\\\c"')
  expect(zoneLine(record('MX', 'a.example', '10 b.example.'))).toBe(
    'a.example. IN MX 10 b.example.',
  )
})

it('the report is short when there is nothing to do', () => {
  expect([...inLines([ok('web.ok', 'It answers.')])]).toEqual([
    'Pages',
    '  ok       It answers.',
    '',
    '0 errors, 0 warnings',
  ])
})
