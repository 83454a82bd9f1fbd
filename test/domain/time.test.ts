import { describe, expect, it } from 'vitest'
import {
  canonicalZone,
  DAY,
  dateIn,
  HOUR,
  isAfter,
  isBefore,
  MINUTE,
  SECOND,
} from '../../src/domain/time.ts'

describe('a zone', () => {
  it.each(Intl.supportedValuesOf('timeZone'))('%s is recognized by its name', (zone) => {
    expect(canonicalZone(zone)).toBe(zone)
  })

  it.each(['Europe/Kyiv', 'Europe/Kiev', 'Asia/Kolkata', 'Asia/Calcutta', 'UTC', 'America/Nuuk'])(
    '%s stays as it was chosen',
    (zone) => {
      expect(canonicalZone(zone)).toBe(zone)
    },
  )

  it.each([
    ['europe/berlin', 'Europe/Berlin'],
    ['AMERICA/PORT-AU-PRINCE', 'America/Port-au-Prince'],
    ['america/argentina/buenos_aires', 'America/Argentina/Buenos_Aires'],
    ['utc', 'UTC'],
    ['Etc/UTC', 'UTC'],
    ['GMT', 'UTC'],
    ['Etc/GMT-0', 'UTC'],
    ['Zulu', 'UTC'],
    ['Greenwich', 'UTC'],
  ])('%s gets its usual spelling', (name, zone) => {
    expect(canonicalZone(name)).toBe(zone)
  })

  it.each([
    ['a fixed offset', '+05:30'],
    ['a fixed offset below zero', '-03:00'],
    ['the zone whose sign reads the wrong way', 'Etc/GMT+3'],
    ['that zone in small letters', 'etc/gmt-3'],
    ['an offset with a name', 'UTC+3'],
    ['a military letter', 'Z'],
    ['a place that is not', 'Mars/Olympus'],
    ['nothing', ''],
    ['a space too many', 'Europe/Berlin '],
    ['a line break', 'Europe/Berlin\n'],
    ['an annotation', 'Europe/Berlin[u-ca=hebrew]'],
    ['a way out of the folder', '../../etc/localtime'],
    ['markup', '<script>'],
  ])('is not %s: %j', (_, name) => {
    expect(canonicalZone(name)).toBeNull()
  })
})

it('two instants are compared to the nanosecond', () => {
  const [first, second] = [
    Temporal.Instant.from('2026-06-15T05:00:00Z'),
    Temporal.Instant.from('2026-06-15T05:00:00.000000001Z'),
  ]
  expect([isBefore(first, second), isBefore(second, first), isBefore(first, first)]).toEqual([
    true,
    false,
    false,
  ])
  expect([isAfter(first, second), isAfter(second, first), isAfter(first, first)]).toEqual([
    false,
    true,
    false,
  ])
})

it('the date depends on the zone', () => {
  const now = Temporal.Instant.from('2026-12-31T11:00:00Z')
  expect(String(dateIn('Pacific/Kiritimati', now))).toBe('2027-01-01')
  expect(String(dateIn('Pacific/Pago_Pago', now))).toBe('2026-12-31')
})

it('durations are in milliseconds', () => {
  expect([SECOND, MINUTE, HOUR, DAY]).toEqual([1_000, 60_000, 3_600_000, 86_400_000])
})
