/**
 * Temporal values are equal when they say the same. They have no properties of their own, so that
 * `toMatchObject` would take any value for the one that is expected.
 */
import { expect } from 'vitest'

type WithEquals = { equals(other: unknown): boolean }

const TYPES = [
  Temporal.Instant,
  Temporal.PlainDate,
  Temporal.PlainDateTime,
  Temporal.PlainMonthDay,
  Temporal.PlainTime,
  Temporal.PlainYearMonth,
  Temporal.ZonedDateTime,
]

expect.addEqualityTesters([
  (one: unknown, other: unknown) => {
    const type = TYPES.find((type) => one instanceof type || other instanceof type)
    if (!type) return undefined
    return one instanceof type && other instanceof type && (one as WithEquals).equals(other)
  },
])
