import { describe, expect, it } from 'vitest'
import { classify } from '../../../../src/domain/bounce.ts'
import { readSes } from '../../../../src/mail/inbound/providers/ses.ts'

const ID = '0102018f3b6c1e2a-5d0c1f7e-9c0f-4c1e-8c9e-0a1b2c3d4e5f-000000'
const MAIL = {
  timestamp: '2027-03-19T07:00:00.000Z',
  source: 'b+k5q2zr7xw3@bounces.courses.example',
  sourceArn: 'arn:aws:ses:eu-west-1:123456789012:identity/courses.example',
  sendingAccountId: '123456789012',
  messageId: ID,
  destination: ['ada@example.com'],
  commonHeaders: {
    from: ['Dawnpost <morning@courses.example>'],
    messageId: '<abc@courses.example>',
  },
}

const bounced = (bounceType: string, bounceSubType: string, recipient: object = {}) => ({
  notificationType: 'Bounce',
  mail: MAIL,
  bounce: {
    bounceType,
    bounceSubType,
    bouncedRecipients: [{ emailAddress: 'ada@example.com', ...recipient }],
    timestamp: '2027-03-19T07:00:02.000Z',
    feedbackId: '0102018f3b6c-feedback',
    remoteMtaIp: '192.0.2.1',
    reportingMTA: 'dns; a4-24.smtp-out.eu-west-1.amazonses.com',
  },
})

const verdict = (event: unknown) => {
  const { report } = readSes(event, classify)[0] ?? {}
  return `${report?.class} ${report?.reason}`
}

describe('a bounce', () => {
  it('identifies its mail in three ways and repeats the server’s words', () => {
    const words = {
      action: 'failed',
      status: '5.1.1',
      diagnosticCode: 'smtp; 550 5.1.1 <ada@example.com>: user unknown',
    }
    expect(readSes(bounced('Permanent', 'General', words), classify)).toEqual([
      {
        eventId: 'bounce 0102018f3b6c-feedback ada@example.com',
        report: {
          kind: 'bounce',
          class: 'hard',
          reason: 'no_such_user',
          of: { returnPath: 'b+k5q2zr7xw3', providerId: ID, messageId: '<abc@courses.example>' },
          recipient: 'ada@example.com',
          status: '5.1.1',
          diagnostic: 'smtp; 550 5.1.1 <…@…>: user unknown',
          reportedBy: 'a4-24.smtp-out.eu-west-1.amazonses.com',
        },
      },
    ])
  })

  it.each([
    ['Permanent', 'NoEmail', 'hard no_such_user'],
    ['Permanent', 'General', 'disabled other'],
    ['Permanent', 'Suppressed', 'disabled suppressed'],
    ['Permanent', 'OnAccountSuppressionList', 'disabled suppressed'],
    ['Transient', 'General', 'soft other'],
    ['Transient', 'MailboxFull', 'soft mailbox_full'],
    ['Transient', 'MessageTooLarge', 'message too_big'],
    ['Transient', 'ContentRejected', 'message content'],
    ['Transient', 'AttachmentRejected', 'message content'],
    ['Undetermined', 'Undetermined', 'soft other'],
    ['Something', 'New', 'soft other'],
  ])('of type %s/%s reads as %s', (type, subType, expected) => {
    expect(verdict(bounced(type, subType))).toBe(expected)
  })

  it('is never hard when SES calls it temporary, whatever the server said', () => {
    const unknown = { status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' }
    expect(verdict(bounced('Transient', 'General', unknown))).toBe('soft no_such_user')
    expect(verdict(bounced('Undetermined', 'Undetermined', unknown))).toBe('soft no_such_user')
  })

  it('is not held against the address when the server’s words are directed at us', () => {
    const blocked = {
      status: '5.7.1',
      diagnosticCode:
        'smtp; 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
    }
    expect(verdict(bounced('Permanent', 'General', blocked))).toBe('block blocked')
    expect(verdict(bounced('Permanent', 'NoEmail', blocked))).toBe('block blocked')
  })

  it('yields one report for each of its recipients', () => {
    const event = bounced('Permanent', 'NoEmail')
    event.bounce.bouncedRecipients.push({ emailAddress: 'grace@example.com' })
    const all = readSes(event, classify)
    expect(all.map(({ report }) => report.recipient)).toEqual([
      'ada@example.com',
      'grace@example.com',
    ])
    expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(2)
  })
})

it('event publishing, which names the type field differently, is read the same', () => {
  const { notificationType: eventType, ...event } = bounced('Permanent', 'NoEmail')
  expect(readSes({ eventType, ...event }, classify)).toEqual(
    readSes(bounced('Permanent', 'NoEmail'), classify),
  )
})

const kinds = (event: object) =>
  readSes({ mail: MAIL, ...event }, classify).map(({ report }) => report.kind)

it.each([
  ['abuse', 'complaint'],
  ['fraud', 'complaint'],
  ['virus', 'complaint'],
  ['other', 'complaint'],
  [null, 'complaint'],
  ['not-spam', 'not_spam'],
  ['auth-failure', 'other'],
])('a complaint of type %s reads as %s', (complaintFeedbackType, kind) => {
  const complaint = {
    complainedRecipients: [{ emailAddress: 'ada@example.com' }],
    complaintFeedbackType,
    feedbackId: '0102018f3b6c-complaint',
  }
  expect(kinds({ notificationType: 'Complaint', complaint })).toEqual([kind])
})

it('a delay is no bounce, a Reject is the mail’s own fault, and a click yields no event', () => {
  const deliveryDelay = {
    delayType: 'MailboxFull',
    delayedRecipients: [{ emailAddress: 'ada@example.com', status: '4.2.2' }],
    timestamp: '2027-03-19T08:00:00.000Z',
  }
  expect(kinds({ eventType: 'DeliveryDelay', deliveryDelay })).toEqual(['delay'])
  expect(kinds({ eventType: 'Delivery', delivery: { recipients: ['ada@example.com'] } })).toEqual([
    'delivery',
  ])
  expect(verdict({ eventType: 'Reject', mail: MAIL, reject: { reason: 'Bad content' } })).toBe(
    'message content',
  )
  for (const eventType of [
    'Send',
    'Click',
    'Open',
    'Rendering Failure',
    'Subscription',
    'constructor',
  ])
    expect(kinds({ eventType, open: {} })).toEqual([])
})

it.each([
  null,
  undefined,
  7,
  'Bounce',
  [],
  { notificationType: 'Bounce' },
  { notificationType: [] },
])('reading %j does not throw', (event) => {
  expect(() => readSes(event, classify)).not.toThrow()
})
