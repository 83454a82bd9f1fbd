import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { firstMorning, morningFrom, type SendWindow } from '../../src/domain/schedule.ts'
import { DAY, dateIn, HOUR, MINUTE } from '../../src/domain/time.ts'
import { instantShowing, type Stretch, stretchesOf, wallAt } from './zone-table.ts'

/** `supportedValuesOf` lists old names and leaves out UTC (standards.md G2). */
const ZONES = [
  ...new Set([
    ...Intl.supportedValuesOf('timeZone'),
    'Europe/Kyiv',
    'Asia/Kolkata',
    'UTC',
    'Pacific/Apia',
  ]),
]
const TABLES = new Map(ZONES.map((zone) => [zone, stretchesOf(zone)]))
const START = Date.UTC(2026, 0, 1)
const END = Date.UTC(2028, 0, 1)

const tableOf = (zone: string) => TABLES.get(zone) ?? []
const changesIn = (zone: string) => tableOf(zone).filter(({ from }) => from > START && from < END)
/** Two years where the clocks change; where they never do, eight weeks are enough. */
const endOf = (zone: string) => (changesIn(zone).length > 0 ? END : START + 56 * DAY)
const instant = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms)
const timeOf = (minute: number) =>
  Temporal.PlainTime.from('00:00').add({ minutes: minute }).toString({ smallestUnit: 'minute' })

const weekdays = fc.oneof(fc.constant([...WEEKDAYS]), fc.subarray([...WEEKDAYS], { minLength: 1 }))
/** How far into its window a morning is handled: 0 is the minute it is due. */
const lateness = fc.double({ min: 0, max: 0.999, noNaN: true })

/**
 * Goes from morning to morning as the planner does, each handled some time within its window.
 */
function walk(rhythm: Rhythm, from: number, to: number, late: number): SendWindow[] {
  const mornings: SendWindow[] = []
  let morning = firstMorning(rhythm, instant(from))
  while (morning.at.epochMilliseconds < to) {
    mornings.push(morning)
    const { at, until, on } = morning
    const wait = Math.floor((until.epochMilliseconds - at.epochMilliseconds) * late)
    morning = morningFrom(rhythm, on.add({ days: 1 }), at.add({ milliseconds: wait }))
  }
  return mornings
}

/** The mornings there should be, worked out from the zone's offsets alone. */
function expected({ zone, time, weekdays }: Rhythm, from: number, to: number): string[] {
  const table = tableOf(zone)
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  const mornings: string[] = []
  const firstDay = wallAt(table, from) - (wallAt(table, from) % DAY)
  for (let day = firstDay; day < to + 2 * DAY; day += DAY) {
    const shown = instantShowing(table, day + hour * HOUR + minute * MINUTE)
    const at = isOn(day, shown, table) ? shown : lastMinuteOf(day, table)
    const allowed = weekdays.some((weekday) => weekday % 7 === new Date(day).getUTCDay())
    if (!allowed || at <= from || at >= to || !isOn(day, at, table)) continue
    mornings.push(
      describeMorning(new Date(day).toISOString().slice(0, 10), at, windowEnd(day, at, table)),
    )
  }
  return mornings
}

/** The minute before the clocks skip the end of a date. */
const lastMinuteOf = (day: number, table: readonly Stretch[]) =>
  (table.find(({ to }) => wallAt(table, to - 1) >= day && wallAt(table, to) >= day + DAY)?.to ??
    0) - MINUTE

/** False when the gap pushed the time past the end of its date. */
const isOn = (day: number, at: number, table: readonly Stretch[]) => wallAt(table, at) - day < DAY

const windowEnd = (day: number, at: number, table: readonly Stretch[]) =>
  Math.min(
    Math.max(instantShowing(table, day + 21 * HOUR), at + HOUR),
    instantShowing(table, day + DAY),
  )

const describeMorning = (on: string, at: number, until: number) =>
  `${on}: due ${instant(at)}, until ${instant(until)}`

const described = (mornings: readonly SendWindow[]) =>
  mornings.map(({ on, at, until }) =>
    describeMorning(String(on), at.epochMilliseconds, until.epochMilliseconds),
  )

/** Pairs of neighbors that do not come one after the other on the calendar and on the clock. */
const outOfOrder = (mornings: readonly SendWindow[]) =>
  mornings.filter((morning, index) => {
    const next = mornings[index + 1]
    return (
      next &&
      (Temporal.Instant.compare(next.at, morning.at) <= 0 ||
        Temporal.PlainDate.compare(next.on, morning.on) <= 0)
    )
  })

/** Mornings whose window is shut when it opens, or stays open into the next local date. */
const badWindows = ({ zone }: Rhythm, mornings: readonly SendWindow[]) =>
  mornings.filter(
    ({ on, at, until }) =>
      Temporal.Instant.compare(until, at) <= 0 ||
      !dateIn(zone, until.subtract({ nanoseconds: 1 })).equals(on),
  )

function checkWalk(rhythm: Rhythm, from: number, to: number, late: number) {
  const mornings = walk(rhythm, from, to, late)
  expect(described(mornings)).toEqual(expected(rhythm, from, to))
  expect(outOfOrder(mornings)).toEqual([])
  expect(badWindows(rhythm, mornings)).toEqual([])
}

describe('every zone', () => {
  it('is known by the names people use', () => {
    expect(ZONES.length).toBeGreaterThan(400)
    expect(ZONES).toEqual(
      expect.arrayContaining(['Europe/Kyiv', 'Asia/Kolkata', 'UTC', 'Pacific/Apia']),
    )
  })

  it.each(ZONES)('%s has one morning on every allowed date', (zone) => {
    const minutes = fc.integer({ min: 0, max: 1439 })
    const enrolled = fc.integer({ min: START, max: START + 7 * DAY })
    fc.assert(
      fc.property(minutes, weekdays, enrolled, lateness, (minute, chosen, from, late) => {
        checkWalk({ zone, time: timeOf(minute), weekdays: chosen }, from, endOf(zone), late)
      }),
      { numRuns: 1 },
    )
  })

  it.each(ZONES.filter((zone) => changesIn(zone).length > 0))(
    '%s keeps its mornings across every change of its clocks',
    (zone) => {
      const changes = changesIn(zone).map(({ from, offset }) => {
        const before = wallAt(tableOf(zone), from - 1) + 1
        return { at: from, walls: [before, from + offset].sort((a, b) => a - b) }
      })
      const nearby = fc.constantFrom(...changes).chain(({ at, walls: [low = 0, high = 0] }) =>
        fc.record({
          at: fc.constant(at),
          // From half an hour before what is skipped or repeated to half an hour after.
          minute: fc
            .integer({ min: low / MINUTE - 30, max: high / MINUTE + 30 })
            .map((minute) => ((minute % 1440) + 1440) % 1440),
        }),
      )
      fc.assert(
        fc.property(nearby, weekdays, lateness, ({ at, minute }, chosen, late) => {
          checkWalk(
            { zone, time: timeOf(minute), weekdays: chosen },
            at - 5 * DAY,
            at + 5 * DAY,
            late,
          )
        }),
        { numRuns: 12 },
      )
    },
  )
})
