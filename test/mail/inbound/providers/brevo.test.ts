import { expect, it } from 'vitest'
import { classify } from '../../../../src/domain/bounce.ts'
import { readBrevo } from '../../../../src/mail/inbound/providers/brevo.ts'

const event = (more: object = {}) => ({
  event: 'hard_bounce',
  email: 'ada@example.com',
  id: 26224,
  date: '2027-03-19 08:00:02',
  ts: 1805439602,
  'message-id': '<202703190800.27287306012@smtp-relay.mailin.fr>',
  ts_event: 1805439602,
  ts_epoch: 1805439602123,
  subject: 'Day 7',
  'X-Mailin-custom': '0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example',
  sending_ip: '192.0.2.1',
  tag: '',
  reason: '',
  ...more,
})
const said = (one: unknown) => {
  const report = readBrevo(one, classify)[0]?.report
  return `${report?.kind} ${report?.class} ${report?.reason}`
}

it('a bounce identifies its mail by Brevo’s id and by our id that was sent along', () => {
  const reason = '550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown'
  expect(readBrevo(event({ reason }), classify)).toEqual([
    {
      eventId:
        'hardbounce <202703190800.27287306012@smtp-relay.mailin.fr> ada@example.com 1805439602123',
      report: {
        kind: 'bounce',
        class: 'hard',
        reason: 'no_such_user',
        of: {
          returnPath: null,
          providerId: '<202703190800.27287306012@smtp-relay.mailin.fr>',
          messageId: '<0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example>',
        },
        recipient: 'ada@example.com',
        status: '5.1.1',
        diagnostic: '550 5.1.1 <…@…>: Recipient address rejected: User unknown',
        reportedBy: 'brevo',
      },
    },
  ])
})

it.each([
  ['hard_bounce', 'bounce disabled other'],
  ['hardBounce', 'bounce disabled other'],
  ['soft_bounce', 'bounce soft other'],
  ['blocked', 'bounce block blocked'],
  ['invalid_email', 'bounce disabled other'],
  ['error', 'bounce message other'],
  ['deferred', 'delay null delayed'],
  ['spam', 'complaint null complaint'],
  ['unsubscribed', 'unsubscribe null other'],
  ['delivered', 'delivery null other'],
])('%s reads as %s', (name, expected) => {
  expect(said(event({ event: name }))).toBe(expected)
})

it('a block by a server counts against us, a block by Brevo against the address', () => {
  const reason =
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org'
  expect(said(event({ event: 'blocked', reason }))).toBe('bounce block blocked')
  expect(said(event({ event: 'blocked', reason: 'blocked : due to blacklist user' }))).toBe(
    'bounce disabled suppressed',
  )
})

it('a batch is read, and entries that are no known event are skipped', () => {
  const batch = [event(), null, event({ event: 'opened' }), event({ event: 'spam' }), {}]
  expect(readBrevo(batch, classify).map(({ report }) => report.kind)).toEqual([
    'bounce',
    'complaint',
  ])
})
