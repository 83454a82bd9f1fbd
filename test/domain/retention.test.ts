import { expect, it } from 'vitest'
import {
  hasBegun,
  keptUntil,
  mayBeDropped,
  monthsAhead,
  passingSince,
  passingUntil,
} from '../../src/domain/retention.ts'

const at = (text: string) => Temporal.Instant.from(text)
const month = (text: string) => Temporal.PlainYearMonth.from(text)
const DAYS = { passingDays: 90, endedDays: 365 }

it('months are created ahead by the UTC calendar', () => {
  expect(monthsAhead(at('2026-11-30T23:30:00-05:00')).map(String)).toEqual([
    '2026-12',
    '2027-01',
    '2027-02',
  ])
})

it('a month of passing mails expires with its last day, and then no date of it is kept', () => {
  const until = passingUntil(month('2026-11'), DAYS)
  expect(String(until)).toBe('2027-03-01')
  const [before, then] = [at('2027-02-28T23:59:59Z'), at('2027-03-01T00:00:00Z')]
  expect([hasBegun(until, before), hasBegun(until, then)]).toEqual([false, true])
  expect(String(passingSince(before, DAYS))).toBe('2026-11-01')
  expect(String(passingSince(then, DAYS))).toBe('2026-12-01')
})

it('what is kept begins no earlier than the ledger', () => {
  const since = (from: string) =>
    String(passingSince(at('2027-03-01T00:00:00Z'), DAYS, Temporal.PlainDate.from(from)))
  expect([since('2026-10-01'), since('2027-02-01')]).toEqual(['2026-12-01', '2027-02-01'])
})

it('a month of enrollments may be dropped a year after its end', () => {
  expect(String(keptUntil(month('2026-02'), DAYS))).toBe('2027-03-01')
})

it('the id of a mail tells whether its row may have been dropped', () => {
  const id = '0195a9c8-8000-7000-8000-000000000000'
  const sent = Temporal.Instant.fromEpochMilliseconds(0x0195a9c88000)
  const after = (days: number) => sent.add({ hours: 24 * days, seconds: 1 })
  const kept = { retention: DAYS, since: Temporal.PlainDate.from('2025-01-01') }
  const begun = { ...kept, since: Temporal.PlainDate.from('2025-04-01') }
  expect(mayBeDropped(id, after(1), begun)).toBe(true)
  expect([mayBeDropped(id, after(89), kept), mayBeDropped(id, after(90), kept)]).toEqual([
    false,
    true,
  ])
})
