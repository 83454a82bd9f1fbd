import { expect, it } from 'vitest'
import { classify } from '../../../../src/domain/bounce.ts'
import { readResend } from '../../../../src/mail/inbound/providers/resend.ts'

const event = (type: string, data: object = {}) => ({
  type,
  created_at: '2027-03-19T07:00:02.000Z',
  data: {
    created_at: '2027-03-19T07:00:00.000Z',
    email_id: '56761188-7520-42d8-8898-ff6fc54ce618',
    from: 'Dawnpost <morning@courses.example>',
    to: ['ada@example.com'],
    subject: 'Day 7',
    ...data,
  },
})
const bounced = (type: string, subType: string, more: object = {}) =>
  event('email.bounced', {
    bounce: {
      type,
      subType,
      message: "The recipient's email provider sent a hard bounce message.",
      ...more,
    },
  })
const said = (one: unknown) => {
  const report = readResend(one, classify, 'msg_1')[0]?.report
  return `${report?.kind} ${report?.class} ${report?.reason}`
}

it('a bounce identifies its mail by Resend’s id', () => {
  const diagnosticCode = ['smtp; 550 5.1.1 user unknown']
  expect(
    readResend(bounced('Permanent', 'General', { diagnosticCode }), classify, 'msg_1'),
  ).toEqual([
    {
      eventId: 'msg_1 ada@example.com',
      report: {
        kind: 'bounce',
        class: 'hard',
        reason: 'no_such_user',
        of: {
          returnPath: null,
          providerId: '56761188-7520-42d8-8898-ff6fc54ce618',
          messageId: null,
        },
        recipient: 'ada@example.com',
        status: '5.1.1',
        diagnostic: 'smtp; 550 5.1.1 user unknown',
        reportedBy: 'resend',
      },
    },
  ])
})

it.each([
  ['Permanent', 'General', 'disabled other'],
  ['Permanent', 'NoEmail', 'hard no_such_user'],
  ['Permanent', 'Suppressed', 'disabled suppressed'],
  ['Transient', 'General', 'soft other'],
  ['Transient', 'MailboxFull', 'soft mailbox_full'],
  ['Undetermined', 'Undetermined', 'soft other'],
])('a bounce of type %s/%s reads as %s', (type, subType, expected) => {
  expect(said(bounced(type, subType))).toBe(`bounce ${expected}`)
})

it.each([
  ['email.complained', 'complaint null complaint'],
  ['email.delivery_delayed', 'delay null delayed'],
  ['email.suppressed', 'bounce disabled suppressed'],
  ['email.failed', 'bounce message other'],
  ['email.delivered', 'delivery null other'],
])('%s reads as %s', (type, expected) => {
  expect(said(event(type))).toBe(expected)
})

it.each([null, [], {}, { type: 'email.opened' }, { type: 'contact.created', data: null }])(
  '%j yields no event',
  (one) => {
    expect(readResend(one, classify, 'msg_1')).toEqual([])
  },
)
