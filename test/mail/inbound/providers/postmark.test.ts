import { describe, expect, it } from 'vitest'
import { classify } from '../../../../src/domain/bounce.ts'
import { readPostmark } from '../../../../src/mail/inbound/providers/postmark.ts'

const bounced = (more: object = {}) => ({
  RecordType: 'Bounce',
  ID: 4323372036854776,
  Type: 'HardBounce',
  TypeCode: 1,
  Name: 'Hard bounce',
  Tag: '',
  MessageID: '883953f4-6105-42a2-a16a-77a8eac79483',
  ServerID: 23,
  MessageStream: 'broadcast',
  Description:
    'The server was unable to deliver your message (ex: unknown user, mailbox not found).',
  Details: '',
  Email: 'ada@example.com',
  From: 'morning@courses.example',
  BouncedAt: '2027-03-19T07:00:02Z',
  DumpAvailable: true,
  Inactive: true,
  CanActivate: true,
  Subject: 'Day 7',
  Metadata: { dawnpost: '0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example' },
  ...more,
})

const one = (event: unknown) => readPostmark(event, classify)[0]?.report
const said = (event: unknown) => {
  const report = one(event)
  return `${report?.kind} ${report?.class} ${report?.reason}`
}

it('a bounce identifies its mail by Postmark’s id and by our id that was sent along', () => {
  expect(readPostmark(bounced(), classify)).toEqual([
    {
      eventId: 'bounce 4323372036854776',
      report: {
        kind: 'bounce',
        class: 'hard',
        reason: 'no_such_user',
        of: {
          returnPath: null,
          providerId: '883953f4-6105-42a2-a16a-77a8eac79483',
          messageId: '<0f1e2d3c4b5a69788796a5b4c3d2e1f0@courses.example>',
        },
        recipient: 'ada@example.com',
        status: null,
        diagnostic:
          'The server was unable to deliver your message (ex: unknown user, mailbox not found).',
        reportedBy: 'postmark',
      },
    },
  ])
})

describe('the bounce type', () => {
  const TYPES: readonly (readonly [number, string, string])[] = [
    [1, 'HardBounce', 'bounce hard no_such_user'],
    [2, 'Transient', 'delay null delayed'],
    [16, 'Unsubscribe', 'unsubscribe null other'],
    [32, 'Subscribe', 'other null other'],
    [64, 'AutoResponder', 'auto_reply null auto_reply'],
    [128, 'AddressChange', 'auto_reply null auto_reply'],
    [256, 'DnsError', 'bounce soft dns'],
    [512, 'SpamNotification', 'bounce block spam'],
    [1024, 'OpenRelayTest', 'other null other'],
    [2048, 'Unknown', 'bounce soft other'],
    [4096, 'SoftBounce', 'bounce soft other'],
    [8192, 'VirusNotification', 'bounce message content'],
    [16384, 'ChallengeVerification', 'auto_reply null auto_reply'],
    [100000, 'BadEmailAddress', 'bounce hard no_such_user'],
    [100001, 'SpamComplaint', 'complaint null complaint'],
    [100002, 'ManuallyDeactivated', 'bounce disabled suppressed'],
    [100003, 'Unconfirmed', 'other null other'],
    [100006, 'Blocked', 'bounce block blocked'],
    [100007, 'SMTPApiError', 'bounce message other'],
    [100008, 'InboundError', 'other null other'],
    [100009, 'DMARCPolicy', 'bounce sender authentication'],
    [100010, 'TemplateRenderingFailed', 'bounce message other'],
    [100099, 'OfTomorrow', 'bounce soft other'],
  ]

  it.each(TYPES)('%i %s reads as %s', (TypeCode, Type, expected) => {
    expect(said(bounced({ TypeCode, Type }))).toBe(expected)
    expect(said(bounced({ TypeCode: undefined, Type }))).toBe(expected)
  })
})

it('a hard bounce reads as a block when the server’s words are directed at us', () => {
  const Details = 'smtp;550 5.7.1 Message rejected as spam by Content Filtering'
  const report = one(bounced({ Details }))
  expect(report).toMatchObject({ class: 'block', status: '5.7.1' })
})

it('the server’s own words count, not the examples in Postmark’s description', () => {
  const Description =
    'Unable to temporarily deliver message (i.e. mailbox full, account disabled, exceeds quota).'
  expect(said(bounced({ TypeCode: 4096, Description }))).toBe('bounce soft other')
  const Details = 'smtp;452 4.2.2 The email account that you tried to reach is over quota'
  expect(said(bounced({ TypeCode: 4096, Details }))).toBe('bounce soft mailbox_full')
})

it('a complaint, a delivery and an unsubscribe by Postmark’s own link are recognized', () => {
  const complaint = bounced({
    RecordType: 'SpamComplaint',
    Type: 'SpamComplaint',
    TypeCode: 100001,
  })
  expect(said(complaint)).toBe('complaint null complaint')
  const MessageID = '883953f4-6105-42a2-a16a-77a8eac79483'
  const mail = { MessageID, Recipient: 'ada@example.com' }
  const delivery = { RecordType: 'Delivery', ...mail, Details: 'Test delivery' }
  expect(said(delivery)).toBe('delivery null other')
  const left = {
    RecordType: 'SubscriptionChange',
    ...mail,
    Origin: 'Recipient',
    SuppressSending: true,
    SuppressionReason: 'ManualSuppression',
    ChangedAt: '2027-03-19T07:00:02Z',
  }
  expect(said(left)).toBe('unsubscribe null other')
  for (const other of [
    { SuppressSending: false, SuppressionReason: null },
    { SuppressionReason: 'HardBounce' },
    { Origin: 'Admin' },
  ])
    expect(readPostmark({ ...left, ...other }, classify)).toEqual([])
  const nameless = { ...left, MessageID: '00000000-0000-0000-0000-000000000000' }
  expect(one(nameless)?.of.providerId).toBeNull()
})

it.each([
  null,
  [],
  {},
  { RecordType: 'Open' },
  { RecordType: 'toString' },
  { RecordType: 'Bounce', TypeCode: {}, Metadata: null },
])('reading %j does not throw', (event) => {
  expect(() => readPostmark(event, classify)).not.toThrow()
})
