import { expect, it } from 'vitest'
import {
  GUARD_LIMITS,
  isSenderAtFault,
  tooManyBounces,
  verdictOnComplaints,
} from '../../src/domain/guard-rails.ts'

const { complaints, bounces } = GUARD_LIMITS

it.each([
  [1, 50, null],
  [2, 50, 'warn'],
  [3, 50, 'pause'],
  [3, 1_000, 'pause'],
  [3, 1_001, 'warn'],
  [2, 2_000, 'warn'],
  [2, 2_001, null],
  [100, 100_000, 'warn'],
  [300, 100_000, 'pause'],
] as const)('%d complaints about %d mails: %s', (count, of, verdict) => {
  expect(verdictOnComplaints({ count, of, owners: 3 }, complaints)).toBe(verdict)
  expect(verdictOnComplaints({ count, of, owners: 3 }, null)).toBeNull()
})

it.each([
  [1, 20, false],
  [3, 19, false],
  [3, 59, true],
  [3, 60, false],
  [4, 60, true],
] as const)('%d bounces of %d mails stop a run: %s', (count, of, stops) => {
  expect(tooManyBounces({ count, of, owners: 3 }, bounces)).toBe(stops)
  expect(tooManyBounces({ count, of, owners: 3 }, null)).toBe(false)
})

it.each([
  [4, 10, false],
  [5, 10, true],
  [5, 250, true],
  [5, 251, false],
] as const)('%d refusals for our set-up in %d mails: %s', (count, of, atFault) => {
  expect(isSenderAtFault({ count, of, owners: 3 })).toBe(atFault)
})

it('nothing is paused for any number of reports from only two domain owners', () => {
  const all = { count: 100, of: 100 }
  expect(verdictOnComplaints({ ...all, owners: 3 }, complaints)).toBe('pause')
  expect(verdictOnComplaints({ ...all, owners: 2 }, complaints)).toBe('warn')
  expect(tooManyBounces({ ...all, owners: 3 }, bounces)).toBe(true)
  expect(tooManyBounces({ ...all, owners: 2 }, bounces)).toBe(false)
  expect(isSenderAtFault({ ...all, owners: 3 })).toBe(true)
  expect(isSenderAtFault({ ...all, owners: 2 })).toBe(false)
})
