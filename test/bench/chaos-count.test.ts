/**
 * The counts of `npm run chaos` can be trusted only if they notice each broken promise: here each
 * is broken.
 */
import { describe, expect, it } from 'vitest'
import { count, type Entry, type Evidence } from '../../bench/chaos/count.ts'
import type { Accepted } from '../../bench/chaos/recorder.ts'

/** 09:00 in New York. */
const NINE = Temporal.Instant.from('2027-03-12T14:00:00Z').epochMilliseconds
const HOUR = 3_600_000

const entry = (name: string, change: Partial<Entry> = {}): Entry => ({
  address: `${name}@example.com`,
  day: 7,
  status: 'sent',
  reason: null,
  attempts: 1,
  resends: 0,
  messageId: `<${name}>`,
  ...change,
})

const mail = (name: string, change: Partial<Accepted> = {}): Accepted => ({
  at: NINE + 1_000,
  worker: 0,
  server: 0,
  messageId: `<${name}>`,
  from: 'morning@dawnpost.example',
  to: `${name}@example.com`,
  subject: 'The seventh',
  digest: `of ${name}`,
  ...change,
})

/** Ada and Bob each got their lesson. */
const kept: Evidence = {
  policy: 'resend',
  people: ['ada@example.com', 'bob@example.com'],
  firstDay: 7,
  nextDay: new Map([
    ['ada@example.com', 8],
    ['bob@example.com', 8],
  ]),
  time: '09:00',
  zone: 'America/New_York',
  ledger: [entry('ada'), entry('bob')],
  accepted: [mail('ada'), mail('bob')],
  leftAt: new Map(),
  clock: [{ at: 0, aheadMs: 0 }],
  losses: [],
  cuts: 0,
  connections: 10,
  heldUpMs: 0,
}

const of = (change: Partial<Evidence>) => count({ ...kept, ...change })
const resent = entry('ada', { resends: 1 })

describe('a run that keeps its promises', () => {
  it('is counted without violations', () => {
    expect(count(kept)).toEqual({
      counts: {
        due: 2,
        accepted: 2,
        sent: 2,
        lost: 0,
        duplicated: 0,
        afterLeaving: 0,
        unknown: 0,
        takenUp: null,
      },
      violations: [],
    })
  })

  it('may resend a mail with an unknown outcome as the same message', () => {
    const { counts, violations } = of({
      ledger: [resent, entry('bob')],
      accepted: [mail('ada'), mail('ada'), mail('bob')],
      cuts: 1,
    })
    expect(counts).toMatchObject({ accepted: 3, duplicated: 1, unknown: 1 })
    expect(violations).toEqual([])
  })

  it('shows how long the mails of a killed worker took to be resumed', () => {
    const held = ['<ada>', '<bob>', null]
    const { counts } = of({
      ledger: [resent, entry('bob')],
      // Ada's was accepted when the worker died, and again; Bob's after its death.
      accepted: [
        mail('ada', { at: NINE + 300 }),
        mail('ada', { at: NINE + 7_440 }),
        mail('bob', { at: NINE + 5_000 }),
        mail('bob', { at: NINE + 90_000 }),
      ],
      losses: [{ worker: 0, at: NINE, held }],
    })
    expect(counts.takenUp).toBe(7.4)
    expect(of({ losses: [{ worker: 0, at: NINE + 1_000, held }] }).counts.takenUp).toBeNull()
  })

  it('may hold a mail with an unknown outcome, whether it was accepted or not', () => {
    const unknown = entry('ada', { status: 'unknown', reason: 'its worker stopped' })
    const { counts, violations } = of({
      policy: 'hold',
      ledger: [unknown, entry('bob')],
      accepted: [mail('bob')],
      losses: [{ worker: 0, at: NINE }],
    })
    expect(counts).toMatchObject({ sent: 1, unknown: 1, lost: 1 })
    expect(violations).toEqual([])
  })

  it('may deliver, after somebody left, a mail that SMTP already had', () => {
    const leftAt = new Map([['ada@example.com', { at: NINE, inHands: 1 }]])
    expect(of({ leftAt }).violations).toEqual([])
  })

  it('judges a mail by the clock under which it was claimed', () => {
    const clock = [
      { at: 0, aheadMs: 0 },
      { at: NINE + 500, aheadMs: 62.5 * HOUR },
    ]
    expect(of({ clock }).violations).toEqual([])
  })
})

describe('a loss', () => {
  /** Ada's lesson has this state and was never accepted. */
  const without = (change: Partial<Entry>): Partial<Evidence> => ({
    ledger: [entry('ada', change), entry('bob')],
    accepted: [mail('bob')],
  })

  it.each<[string, Partial<Evidence>]>([
    ['a person who is not in the ledger', { ledger: [entry('bob')], accepted: [mail('bob')] }],
    ['a day that was passed over', { nextDay: new Map([['ada@example.com', 9]]) }],
    ['what only the ledger calls sent', { accepted: [mail('bob')] }],
    ['what is still open', without({ status: 'retry', reason: '451' })],
    ['what was given up', without({ status: 'refused', reason: '554' })],
    ['what was skipped though nobody left', without({ status: 'skipped', reason: 'x' })],
    ['what is unknown and was not sent again', without({ status: 'unknown', reason: 'x' })],
    [
      'what is unknown though it was sent again',
      without({ status: 'unknown', reason: 'x', resends: 5 }),
    ],
  ])('is %s', (_, change) => {
    const { counts, violations } = of({ ...change, cuts: 1 })
    expect(counts.lost).toBeGreaterThan(0)
    expect(violations.join()).toContain('lost, the first: ada@example.com day')
  })
})

describe('a duplicate', () => {
  const twice = [mail('ada'), mail('ada'), mail('bob')]

  it('is a violation when the delivery was never unknown', () => {
    expect(of({ accepted: twice }).violations).toEqual([
      expect.stringContaining('sent twice though never unknown'),
    ])
  })

  it('is a violation when unknown deliveries are held', () => {
    const { violations } = of({
      policy: 'hold',
      ledger: [resent, entry('bob')],
      accepted: twice,
      cuts: 1,
    })
    expect(violations).toEqual([
      expect.stringContaining('sent twice though unknown deliveries are held'),
    ])
  })

  it.each<[string, Partial<Accepted>]>([
    ['envelope sender', { from: 'other@dawnpost.example' }],
    ['text', { digest: 'another' }],
  ])('is a violation when its %s differs', (_, change) => {
    const accepted = [mail('ada'), mail('ada', change), mail('bob')]
    const { violations } = of({ ledger: [resent, entry('bob')], accepted, cuts: 1 })
    expect(violations).toEqual([expect.stringContaining('copies differ')])
  })

  it('is one as well when its Message-ID differs', () => {
    const accepted = [mail('ada'), mail('ada', { messageId: '<other>' }), mail('bob')]
    const { counts, violations } = of({ ledger: [resent, entry('bob')], accepted, cuts: 1 })
    expect(counts.duplicated).toBe(1)
    expect(violations).toEqual([
      expect.stringContaining('copies differ'),
      expect.stringContaining('accepted but not in the ledger'),
    ])
  })
})

describe('the count also notices', () => {
  it('a mail that was accepted but is not recorded as sent', () => {
    const { counts, violations } = of({ ledger: [entry('ada', { status: 'retry' }), entry('bob')] })
    expect(counts.lost).toBe(0)
    expect(violations).toEqual([
      expect.stringContaining('not settled, the first: ada@example.com day 7'),
    ])
  })

  it('a mail after the answer to an unsubscription', () => {
    const leftAt = new Map([['ada@example.com', { at: NINE, inHands: null }]])
    const { counts, violations } = of({ leftAt })
    expect(counts.afterLeaving).toBe(1)
    expect(violations).toEqual([expect.stringContaining('accepted after leaving')])
  })

  it('a mail that was claimed again after an unsubscription', () => {
    const leftAt = new Map([['ada@example.com', { at: NINE, inHands: 1 }]])
    const { counts } = of({ leftAt, ledger: [entry('ada', { attempts: 2 }), entry('bob')] })
    expect(counts.afterLeaving).toBe(1)
  })

  it('two lessons on one date', () => {
    const eighth = { day: 8, messageId: '<eighth>' }
    const { violations } = of({
      ledger: [entry('ada'), entry('ada', eighth), entry('bob')],
      accepted: [
        mail('ada'),
        mail('ada', { messageId: '<eighth>', subject: 'The eighth', at: NINE + HOUR }),
        mail('bob'),
      ],
    })
    expect(violations).toEqual([expect.stringContaining('two lessons on one local date')])
  })

  it.each([
    ['before it is due', -1],
    ['at night', 12 * HOUR],
  ])('a mail %s', (_, late) => {
    const { violations } = of({ accepted: [mail('ada', { at: NINE + late }), mail('bob')] })
    expect(violations).toEqual([expect.stringContaining('outside the window')])
  })

  it('more unknown mails than were in flight', () => {
    const { violations } = of({ ledger: [resent, entry('bob')] })
    expect(violations).toEqual(['1 deliveries became unknown; at most 0 were in flight'])
  })
})
