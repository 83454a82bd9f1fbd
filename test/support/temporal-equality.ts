/**
 * Temporal values are equal if `equals` says so. They have no own properties, so `toMatchObject`
 * would otherwise accept any value.
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
