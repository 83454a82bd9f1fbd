import { expect, it } from 'vitest'
import { classify } from '../../../../src/domain/bounce.ts'
import { readSendgrid } from '../../../../src/mail/inbound/providers/sendgrid.ts'

const event = (more: object = {}) => ({
  email: 'ada@example.com',
  timestamp: 1805439602,
  'smtp-id': '<0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example>',
  sg_event_id: 'YwZ-2nYuSPWp0Qz3sZ2Zgw',
  sg_message_id: 'SqSdMZIrRSOZ2TLfZ4V2lg.recvd-5f54b5d587-pczjm-1-67BADEEA-6.0',
  ...more,
})
const bounced = (more: object = {}) => event({ event: 'bounce', type: 'bounce', ...more })
const said = (one: unknown) => {
  const report = readSendgrid([one], classify)[0]?.report
  return `${report?.kind} ${report?.class} ${report?.reason}`
}

it('a bounce identifies its mail by the id in the 250 reply and by our Message-ID', () => {
  const reason = '550 5.1.1 The email account that you tried to reach does not exist.'
  const one = bounced({ reason, status: '5.1.1', bounce_classification: 'Invalid Address' })
  expect(readSendgrid([one], classify)).toEqual([
    {
      eventId: 'YwZ-2nYuSPWp0Qz3sZ2Zgw',
      report: {
        kind: 'bounce',
        class: 'hard',
        reason: 'no_such_user',
        of: {
          returnPath: null,
          providerId: 'SqSdMZIrRSOZ2TLfZ4V2lg',
          messageId: '<0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example>',
        },
        recipient: 'ada@example.com',
        status: '5.1.1',
        diagnostic: reason,
        reportedBy: 'sendgrid',
      },
    },
  ])
})

it.each([
  [{}, 'disabled other'],
  [{ bounce_classification: 'Invalid Address' }, 'hard no_such_user'],
  [{ bounce_classification: 'Reputation' }, 'block blocked'],
  [{ bounce_classification: 'Content' }, 'block content'],
  [{ bounce_classification: 'Frequency/Volume' }, 'soft rate_limited'],
  [{ bounce_classification: 'Unclassified' }, 'disabled other'],
  [{ bounce_classification: 'toString' }, 'disabled other'],
  [{ type: 'blocked' }, 'soft other'],
  [{ type: 'blocked', bounce_classification: 'Invalid Address' }, 'soft other'],
  [{ type: 'blocked', reason: '550 5.1.1 user unknown' }, 'soft no_such_user'],
  [{ reason: '554 5.7.1 Client host blocked using zen.spamhaus.org' }, 'block blocked'],
])('a bounce with %j reads as %s', (more, expected) => {
  expect(said(bounced(more))).toBe(`bounce ${expected}`)
})

it.each([
  ['Bounced Address', 'bounce disabled suppressed'],
  ['Spam Reporting Address', 'complaint null complaint'],
  ['Unsubscribed Address', 'unsubscribe null other'],
  ['Invalid', 'bounce hard no_such_user'],
  ['Invalid SMTPAPI header', 'bounce message other'],
  ['Spam Content (if Spam Checker app is enabled)', 'bounce block spam'],
  ['Recipient List over Package Quota', 'bounce message other'],
  [undefined, 'bounce message other'],
])('a drop because of "%s" reads as %s', (reason, expected) => {
  expect(said(event({ event: 'dropped', reason }))).toBe(expected)
})

it.each([
  ['deferred', 'delay null delayed'],
  ['spamreport', 'complaint null complaint'],
  ['unsubscribe', 'unsubscribe null other'],
  ['group_unsubscribe', 'unsubscribe null other'],
  ['delivered', 'delivery null other'],
])('%s reads as %s', (name, expected) => {
  expect(said(event({ event: name }))).toBe(expected)
})

it('events are read one by one, so an invalid one does not cost the others', () => {
  const all = [null, 7, [], { event: 'open' }, {}, bounced(), { event: {} }]
  expect(readSendgrid(all, classify)).toHaveLength(1)
})
