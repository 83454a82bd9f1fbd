/** Random rhythms, and instants within two years, for what holds for all of them. */
import fc from 'fast-check'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'

export const zones = fc.constantFrom(
  ...[
    'Europe/Berlin',
    'America/New_York',
    'America/Santiago',
    'Africa/Cairo',
    'Australia/Lord_Howe',
  ],
  ...[
    'Pacific/Apia',
    'Pacific/Auckland',
    'Pacific/Kiritimati',
    'Asia/Kolkata',
    'America/Los_Angeles',
    'UTC',
  ],
)
const START = Temporal.Instant.from('2026-01-01T00:00:00Z')
export const instants = fc
  .integer({ min: 0, max: 730 * 24 * 60 })
  .map((minutes) => START.add({ minutes }))
const dates = fc
  .integer({ min: 0, max: 760 })
  .map((days) => Temporal.PlainDate.from('2026-01-01').add({ days }))
const quiets = fc.option(
  fc.record({ from: dates, days: fc.integer({ min: 0, max: 60 }) }).map(({ from, days }) => ({
    from,
    to: from.add({ days }),
  })),
)
const times = fc
  .integer({ min: 0, max: 1_439 })
  .map((minutes) =>
    Temporal.PlainTime.from('00:00').add({ minutes }).toString({ smallestUnit: 'minute' }),
  )
export const rhythms: fc.Arbitrary<Rhythm> = fc.record({
  time: fc.oneof(times, fc.constantFrom('00:00', '02:30', '07:00', '23:59')),
  zone: zones,
  weekdays: fc.oneof(fc.constant([...WEEKDAYS]), fc.subarray([...WEEKDAYS], { minLength: 1 })),
  everyOther: fc.boolean(),
  quiet: quiets,
})
