import { expect, it } from 'vitest'
import { classify } from '../../../../src/domain/bounce.ts'
import { readMailgun } from '../../../../src/mail/inbound/providers/mailgun.ts'

const failed = (more: object = {}, status: object = {}) => ({
  'event-data': {
    event: 'failed',
    id: 'G9Bn5sl1TC6nu79C8C0bwg',
    timestamp: 1805439602.123,
    severity: 'permanent',
    reason: 'bounce',
    'log-level': 'error',
    envelope: {
      transport: 'smtp',
      sender: 'b+k5q2zr7xw3@bounces.courses.example',
      targets: 'ada@example.com',
    },
    'delivery-status': {
      'attempt-no': 1,
      code: 550,
      'enhanced-code': '5.1.1',
      message: '5.1.1 The email account that you tried to reach does not exist.',
      description: '',
      'mx-host': 'mx.example.com',
      ...status,
    },
    message: {
      headers: {
        to: 'ada@example.com',
        'message-id': '0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example',
        from: 'morning@courses.example',
        subject: 'Day 7',
      },
    },
    recipient: 'ada@example.com',
    'recipient-domain': 'example.com',
    ...more,
  },
})
const said = (event: unknown) => {
  const report = readMailgun(event, classify)[0]?.report
  return `${report?.kind} ${report?.class} ${report?.reason}`
}

it('a bounce identifies its mail by its envelope sender and its Message-ID', () => {
  expect(readMailgun(failed(), classify)).toEqual([
    {
      eventId: 'G9Bn5sl1TC6nu79C8C0bwg',
      report: {
        kind: 'bounce',
        class: 'hard',
        reason: 'no_such_user',
        of: {
          returnPath: 'b+k5q2zr7xw3',
          providerId: null,
          messageId: '<0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example>',
        },
        recipient: 'ada@example.com',
        status: '5.1.1',
        diagnostic: '5.1.1 The email account that you tried to reach does not exist.',
        reportedBy: 'mx.example.com',
      },
    },
  ])
})

const SILENT = { code: 0, 'enhanced-code': '', message: '' }

it.each([
  ['bounce', 'bounce disabled other'],
  ['generic', 'bounce disabled other'],
  ['old', 'bounce soft expired'],
  ['suppress-bounce', 'bounce disabled suppressed'],
  ['suppress-complaint', 'complaint null complaint'],
  ['suppress-unsubscribe', 'unsubscribe null other'],
  ['constructor', 'bounce disabled other'],
])('a permanent failure by %s without words of the server reads as %s', (reason, expected) => {
  expect(said(failed({ reason }, SILENT))).toBe(expected)
})

it('a temporary failure is a delay, and what Mailgun calls soft is never hard', () => {
  expect(said(failed({ severity: 'temporary' }))).toBe('delay null delayed')
  expect(said(failed({}, { 'bounce-type': 'soft' }))).toBe('bounce soft no_such_user')
})

it('a refusal directed at us is not held against the address', () => {
  const status = {
    'enhanced-code': '5.7.1',
    message: 'Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
  }
  expect(said(failed({}, status))).toBe('bounce block blocked')
})

it.each([
  ['complained', 'complaint null complaint'],
  ['unsubscribed', 'unsubscribe null other'],
  ['delivered', 'delivery null other'],
  ['rejected', 'bounce message content'],
])('%s reads as %s', (event, expected) => {
  expect(said(failed({ event }, SILENT))).toBe(expected)
})

it.each([null, [], {}, { 'event-data': null }, { 'event-data': { event: 'opened' } }])(
  '%j yields no event',
  (event) => {
    expect(readMailgun(event, classify)).toEqual([])
  },
)
