import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { firstMorning, morningFrom, morningOn, type SendWindow } from '../../src/domain/schedule.ts'
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
/** Two years where the clocks change; where they never do, eight weeks show all there is to see. */
const endOf = (zone: string) => (changesIn(zone).length > 0 ? END : START + 56 * DAY)
const instant = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms)
const timeOf = (minute: number) =>
  Temporal.PlainTime.from('00:00').add({ minutes: minute }).toString({ smallestUnit: 'minute' })

const weekdays = fc.oneof(fc.constant([...WEEKDAYS]), fc.subarray([...WEEKDAYS], { minLength: 1 }))
/** How far into its window a morning is worked on: 0 is the minute it is due. */
const lateness = fc.double({ min: 0, max: 0.999, noNaN: true })

/**
 * Goes from morning to morning as the planner does, each one worked on some time within its window.
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

/** Of a date whose end the clocks skip: the minute before they do. */
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
    '%s keeps its mornings over every change of its clocks',
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

const daily = (zone: string, time: string): Rhythm => ({ zone, time, weekdays: WEEKDAYS })
const on = (rhythm: Rhythm, date: string) => morningOn(rhythm, Temporal.PlainDate.from(date))
const readsAt = (rhythm: Rhythm, date: string) =>
  on(rhythm, date)?.at.toZonedDateTimeISO(rhythm.zone).toString({ timeZoneName: 'never' }) ?? null

describe('the edges of a day', () => {
  it.each([
    ['a skipped time moves on by the gap', 'Europe/Berlin', '02:30', '2026-03-29T03:30:00+02:00'],
    [
      'of a repeated time the first is taken',
      'Europe/Berlin',
      '02:30',
      '2026-10-25T02:30:00+02:00',
    ],
    [
      'a skipped time moves on by the gap',
      'America/New_York',
      '02:30',
      '2026-03-08T03:30:00-04:00',
    ],
    [
      'of a repeated time the first is taken',
      'America/New_York',
      '01:30',
      '2026-11-01T01:30:00-04:00',
    ],
    ['a gap at midnight', 'Africa/Cairo', '00:30', '2026-04-24T01:30:00+03:00'],
    ['a gap at midnight', 'America/Santiago', '00:30', '2026-09-06T01:30:00-03:00'],
    ['midnight itself skipped', 'America/Santiago', '00:00', '2026-09-06T01:00:00-03:00'],
    ['a gap of half an hour', 'Australia/Lord_Howe', '02:15', '2026-10-04T02:45:00+11:00'],
    [
      'a province that stopped changing its clocks',
      'America/Vancouver',
      '07:00',
      '2026-12-01T07:00:00-07:00',
    ],
  ])('%s: %s at %s', (_, zone, time, reads) => {
    expect(readsAt(daily(zone, time), reads.slice(0, 10))).toBe(reads)
  })

  it('finds no morning on a date that a zone left out', () => {
    const rhythm = daily('Pacific/Apia', '07:00')
    expect(on(rhythm, '2011-12-30')).toBeNull()
    const before = firstMorning(rhythm, Temporal.Instant.from('2011-12-29T12:00:00Z'))
    const after = morningFrom(rhythm, before.on.add({ days: 1 }), before.at)
    expect([String(before.on), String(after.on)]).toEqual(['2011-12-29', '2011-12-31'])
  })

  it('waits a week more when the one chosen weekday is the date left out', () => {
    const rhythm: Rhythm = { zone: 'Pacific/Apia', time: '07:00', weekdays: [5] }
    const next = firstMorning(rhythm, Temporal.Instant.from('2011-12-24T12:00:00Z'))
    expect(String(next.on)).toBe('2012-01-06')
  })

  it.each([
    ['America/Nuuk', '2026-03-28'],
    ['America/Scoresbysund', '2027-03-27'],
  ])(
    'takes the last minute where the gap would push a late time past midnight: %s on %s',
    (zone, date) => {
      // 23:00 to 24:00 is skipped. At 00:30 two mornings would fall on the date that follows.
      for (const time of ['22:59', '23:00', '23:30', '23:59'])
        expect(readsAt(daily(zone, time), date)).toContain(`${date}T22:59:00`)
      const rhythm = daily(zone, '23:30')
      const { at, until } = on(rhythm, date) as SendWindow
      expect(until.since(at).total('seconds')).toBe(60)
      const next = Temporal.PlainDate.from(date).add({ days: 1 })
      expect(readsAt(rhythm, String(next))).toContain(`${next}T23:30:00`)
    },
  )
})

describe('the window', () => {
  it.each([
    ['07:00', '2026-06-15T21:00'],
    ['00:00', '2026-06-15T21:00'],
    ['19:59', '2026-06-15T21:00'],
    ['20:00', '2026-06-15T21:00'],
    ['20:01', '2026-06-15T21:01'],
    ['21:00', '2026-06-15T22:00'],
    ['22:59', '2026-06-15T23:59'],
    ['23:00', '2026-06-16T00:00'],
    ['23:59', '2026-06-16T00:00'],
  ])('of a morning due at %s closes at %s', (time, closes) => {
    const morning = on(daily('Europe/Berlin', time), '2026-06-15')
    expect(
      String(morning?.until.toZonedDateTimeISO('Europe/Berlin').toPlainDateTime()).slice(0, 16),
    ).toBe(closes)
  })

  it('of an evening reader ends at the midnight that the clocks skip', () => {
    const until = on(daily('America/Santiago', '23:30'), '2026-09-05')?.until
    expect(String(until)).toBe('2026-09-06T04:00:00Z')
  })
})

describe('the first morning', () => {
  const rhythm = daily('Europe/Berlin', '07:00')
  const first = (now: string, of: Rhythm = rhythm) =>
    String(firstMorning(of, Temporal.Instant.from(now)).on)

  it('is today while the chosen time is still ahead', () => {
    expect(first('2026-06-15T04:59:59Z')).toBe('2026-06-15')
  })

  it('is tomorrow from the chosen minute on', () => {
    expect(first('2026-06-15T05:00:00Z')).toBe('2026-06-16')
    expect(first('2026-06-15T20:00:00Z')).toBe('2026-06-16')
  })

  it("counts days on the reader's calendar, not on ours", () => {
    expect(first('2026-06-15T18:30:00Z', daily('Asia/Kolkata', '07:00'))).toBe('2026-06-16')
    expect(first('2026-06-15T01:00:00Z', daily('America/Los_Angeles', '23:00'))).toBe('2026-06-14')
  })

  it('is the next weekday that was chosen', () => {
    // The 15th of June 2026 is a Monday.
    expect(first('2026-06-15T12:00:00Z', { ...rhythm, weekdays: [1] })).toBe('2026-06-22')
    expect(first('2026-06-15T12:00:00Z', { ...rhythm, weekdays: [3, 6] })).toBe('2026-06-17')
  })
})

describe('the morning from a date on', () => {
  const rhythm = daily('Europe/Berlin', '07:00')
  const from = (date: string, now: string) =>
    String(morningFrom(rhythm, Temporal.PlainDate.from(date), Temporal.Instant.from(now)).on)

  it('is a morning that is due already while its window is open', () => {
    expect(from('2026-06-15', '2026-06-15T18:59:59Z')).toBe('2026-06-15')
  })

  it('is the next one from the moment the window closes', () => {
    expect(from('2026-06-15', '2026-06-15T19:00:00Z')).toBe('2026-06-16')
  })

  it('is never in the past, however long nobody looked', () => {
    expect(from('2026-06-01', '2026-06-15T12:00:00Z')).toBe('2026-06-15')
  })

  it('keeps to a date that lies ahead', () => {
    expect(from('2026-07-01', '2026-06-15T12:00:00Z')).toBe('2026-07-01')
  })

  it('is an error when no weekday is allowed', () => {
    expect(() =>
      morningFrom(
        { ...rhythm, weekdays: [] },
        Temporal.PlainDate.from('2026-06-15'),
        Temporal.Instant.from('2026-06-15T00:00Z'),
      ),
    ).toThrow('no morning within 28 dates')
  })
})
