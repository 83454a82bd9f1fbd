import { describe, expect, it } from 'vitest'
import { type DeliveryOutcome, suppressionReasonFor } from '../../src/domain/suppression.ts'

const START = Temporal.Instant.from('2027-03-01T07:00:00Z')
/** A mail a day: s soft, d disabled, h hard, a dot for one that arrived. */
const mails = (row: string, hoursApart = 24): DeliveryOutcome[] =>
  [...row].map((letter, day) => ({
    id: String(day),
    at: START.add({ hours: day * hoursApart }),
    bounced: ({ s: 'soft', d: 'disabled', h: 'hard' } as const)[letter] ?? null,
  }))
const LIMIT = { count: 5, days: 14 }

describe('soft bounces', () => {
  it.each([
    ['five in five days', 'sssss', 4, null],
    ['fourteen in a row', 'ssssssssssssss', 13, null],
    ['fifteen in a row, over fourteen days', 'sssssssssssssss', 14, 'soft_bounce'],
    ['broken by one that came', 'ssssssss.sssssss', 15, null],
    ['a row that ended', 'sssssssssssssss.....s', 20, null],
    ['the last report came late', 'sssssssssssssss...', 7, 'soft_bounce'],
    ['the mail came after all', 'ssssssssssssss.', 14, null],
  ] as const)('%s', (_, row, at, wanted) => {
    expect(suppressionReasonFor(mails(row), String(at), LIMIT)).toBe(wanted)
  })

  it('must be many, and over a while', () => {
    expect(suppressionReasonFor(mails('ssss', 24 * 7), '3', LIMIT)).toBeNull()
    expect(suppressionReasonFor(mails('sssss', 24 * 7), '4', LIMIT)).toBe('soft_bounce')
    expect(suppressionReasonFor(mails('ss', 24), '1', { count: 2, days: 1 })).toBe('soft_bounce')
  })
})

describe('a disabled mailbox', () => {
  it.each([
    ['once', 'd', 0, null],
    ['on two mornings', 'dd', 1, 'bounce'],
    ['with a soft one between', 'dsd', 2, 'bounce'],
    ['with one that came between', 'd.d', 2, null],
  ] as const)('%s', (_, row, at, wanted) => {
    expect(suppressionReasonFor(mails(row), String(at), LIMIT)).toBe(wanted)
  })

  it('counts once for several mails of one morning', () => {
    expect(suppressionReasonFor(mails('dd', 1), '1', LIMIT)).toBeNull()
  })
})

it('a mail that is not among them suppresses nothing', () => {
  expect(suppressionReasonFor(mails('ddd'), 'another', LIMIT)).toBeNull()
})
