import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstAfterAsked,
  firstAfterPause,
  firstFree,
  type Last,
  rightNow,
} from '../../src/domain/controls.ts'
import { type Forecast, forecast } from '../../src/domain/forecast.ts'
import { nextMorning, nextStep } from '../../src/domain/plan.ts'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { dateAfter, isQuiet, morningOn, type SendWindow } from '../../src/domain/schedule.ts'
import { DAY, dateIn, HOUR, isAfter } from '../../src/domain/time.ts'
import { course, daily, had } from './make.ts'

const BERLIN: Rhythm = { time: '07:00', zone: 'Europe/Berlin', weekdays: WEEKDAYS }
const date = (text: string) => Temporal.PlainDate.from(text)
const at = (text: string) => Temporal.ZonedDateTime.from(`${text}[Europe/Berlin]`).toInstant()
const on = (morning: SendWindow) => String(morning.on)
const compare = Temporal.PlainDate.compare
const sent = (text: string): Last => ({
  on: date(text.slice(0, 10)),
  at: at(text),
  leftAt: at(text),
})

describe('the first free morning', () => {
  const free = (change: Partial<Rhythm>, last: Last | null, now: string) =>
    on(firstFree({ ...BERLIN, ...change }, last, at(now)))

  it('is today’s while its time is ahead, else tomorrow’s', () => {
    expect(free({}, null, '2027-03-20T06:59')).toBe('2027-03-20')
    expect(free({}, null, '2027-03-20T07:00')).toBe('2027-03-21')
  })

  it('is not on a date that has had one', () => {
    expect(free({ time: '19:00' }, sent('2027-03-20T07:00'), '2027-03-20T08:00')).toBe('2027-03-21')
  })

  it('is not on what is the date of the last one in the zone that is chosen now', () => {
    const evening = sent('2027-03-20T20:00') // in Auckland it is the 21st
    expect(free({ zone: 'Pacific/Auckland', time: '23:00' }, evening, '2027-03-20T20:30')).toBe(
      '2027-03-22',
    )
  })

  it('leaves a date free when it comes every other day', () => {
    expect(free({ everyOther: true }, sent('2027-03-20T07:00'), '2027-03-20T08:00')).toBe(
      '2027-03-22',
    )
  })

  it('counts one that is leaving now as today’s, whichever date it was due on', () => {
    const late: Last = { ...sent('2027-03-19T07:00'), leftAt: null }
    expect(free({}, late, '2027-03-20T06:00')).toBe('2027-03-21')
  })
})

describe('after a pause', () => {
  const resumed = (dueOn: string, last: Last | null, now: string) =>
    on(firstAfterPause(BERLIN, date(dueOn), last, at(now)))

  it('of a few minutes nothing has changed, even over the hour itself', () => {
    expect(resumed('2027-03-20', sent('2027-03-19T07:00'), '2027-03-20T06:00')).toBe('2027-03-20')
    expect(resumed('2027-03-20', sent('2027-03-19T07:00'), '2027-03-20T07:10')).toBe('2027-03-20')
    expect(resumed('2027-03-21', sent('2027-03-20T07:00'), '2027-03-20T12:00')).toBe('2027-03-21')
  })

  it('of days it goes on with the next time that is ahead', () => {
    expect(resumed('2027-03-10', sent('2027-03-09T07:00'), '2027-03-20T06:00')).toBe('2027-03-20')
    expect(resumed('2027-03-10', sent('2027-03-09T07:00'), '2027-03-20T09:00')).toBe('2027-03-21')
    expect(resumed('2027-03-20', sent('2027-03-19T07:00'), '2027-03-20T21:00')).toBe('2027-03-21')
  })
})

describe('a lesson asked for now', () => {
  it('takes the place of today’s when that has not come', () => {
    expect(on(firstAfterAsked(BERLIN, date('2027-03-20'), at('2027-03-20T06:00')))).toBe(
      '2027-03-21',
    )
  })

  it('leaves the others their dates', () => {
    expect(on(firstAfterAsked(BERLIN, date('2027-03-21'), at('2027-03-20T09:00')))).toBe(
      '2027-03-21',
    )
    expect(on(firstAfterAsked(BERLIN, date('2027-03-24'), at('2027-03-20T09:00')))).toBe(
      '2027-03-24',
    )
  })

  it('at a minute before midnight may still leave after it, and belongs to the date on which it was asked', () => {
    const now = at('2027-03-20T23:59')
    const { on: asked, until } = rightNow(BERLIN, now)
    expect(String(asked)).toBe('2027-03-20')
    expect(isAfter(until, at('2027-03-21T00:30'))).toBe(true)
    expect(on(firstAfterAsked(BERLIN, date('2027-03-21'), now))).toBe('2027-03-21')
  })
})

const zones = fc.constantFrom(
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
const instants = fc.integer({ min: 0, max: 730 * 24 * 60 }).map((minutes) => START.add({ minutes }))
const dates = fc.integer({ min: 0, max: 760 }).map((days) => date('2026-01-01').add({ days }))
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
const rhythms: fc.Arbitrary<Rhythm> = fc.record({
  time: fc.oneof(times, fc.constantFrom('00:00', '02:30', '07:00', '23:59')),
  zone: zones,
  weekdays: fc.oneof(fc.constant([...WEEKDAYS]), fc.subarray([...WEEKDAYS], { minLength: 1 })),
  everyOther: fc.boolean(),
  quiet: quiets,
})
/** A last mail that came within the fortnight before `now`, in whatever rhythm there was then. */
const lasts = (now: Temporal.Instant) =>
  fc
    .record({ hoursAgo: fc.integer({ min: 0, max: 14 * 24 }), zone: zones })
    .map(({ hoursAgo, zone }): Last => {
      const when = now.subtract({ milliseconds: hoursAgo * HOUR })
      return { on: dateIn(zone, when), at: when, leftAt: when }
    })
const situations = instants.chain((now) =>
  fc.record({ now: fc.constant(now), rhythm: rhythms, last: fc.option(lasts(now)) }),
)
const NOTHING_LATE = { unsent: null, unsentDay: null, pausedUntil: null }
const RUNS = { numRuns: 1_000 }

describe('whatever the rhythm, the last mail and the hour', () => {
  it('the first free morning is ahead, allowed, not quiet, and on no date that is taken', () => {
    fc.assert(
      fc.property(situations, ({ now, rhythm, last }) => {
        const first = firstFree(rhythm, last, now)
        expect(isAfter(first.at, now)).toBe(true)
        expect(morningOn(rhythm, first.on)).toEqual(first)
        expect(isQuiet(rhythm, first.on)).toBe(false)
        if (!last) return
        for (const taken of [last.on, dateIn(rhythm.zone, last.at)])
          expect(compare(first.on, dateAfter(rhythm, taken))).toBeGreaterThanOrEqual(0)
      }),
      RUNS,
    )
  })

  it('no morning before it would have done', () => {
    fc.assert(
      fc.property(situations, ({ now, rhythm, last }) => {
        const first = firstFree(rhythm, last, now)
        const today = dateIn(rhythm.zone, now)
        for (let one = today; compare(one, first.on) < 0; one = one.add({ days: 1 })) {
          const morning = morningOn(rhythm, one)
          const ahead = morning !== null && isAfter(morning.at, now)
          const taken = last ? [last.on, dateIn(rhythm.zone, last.at)] : []
          const free = taken.every((had) => compare(one, dateAfter(rhythm, had)) >= 0)
          expect(ahead && free, String(one)).toBe(false)
        }
      }),
      RUNS,
    )
  })

  it('a pause that ends at once changes nothing', () => {
    fc.assert(
      fc.property(situations, ({ now, rhythm, last }) => {
        const waited = firstFree(rhythm, last, now)
        expect(firstAfterPause(rhythm, waited.on, last, now)).toEqual(waited)
      }),
      RUNS,
    )
  })

  it('what follows a lesson asked for now is never on its date', () => {
    fc.assert(
      fc.property(situations, ({ now, rhythm, last }) => {
        const waited = firstFree(rhythm, last, now)
        const next = firstAfterAsked(rhythm, waited.on, now)
        expect(compare(next.on, rightNow(rhythm, now).on)).toBe(1)
        expect(compare(next.on, waited.on)).toBeGreaterThanOrEqual(0)
      }),
      RUNS,
    )
  })
})

describe('the forecast', () => {
  const series = fc.constantFrom(course(5), course(40), daily(366))
  const outlooks = fc.record({
    series,
    rhythm: rhythms,
    now: instants,
    nextDay: fc.integer({ min: 1, max: 7 }),
    wait: fc.integer({ min: -5, max: 20 }),
    paused: fc.option(fc.integer({ min: 1, max: 30 })),
    unsent: fc.boolean(),
  })
  const situation = outlooks.map(({ series, rhythm, now, nextDay, wait, paused, unsent }) => {
    const today = dateIn(rhythm.zone, now)
    const late = series.kind === 'course' && unsent && nextDay > 1
    const from: Forecast = {
      rhythm,
      had: had(nextDay - 1),
      dueOn: today.add({ days: wait }),
      unsent: late ? 'late' : null,
      unsentDay: late ? nextDay - 1 : null,
      pausedUntil: paused === null ? null : today.add({ days: paused }),
    }
    return { series, from, now, last: today.add({ days: 21 }) }
  })

  it('is what a planner does that is up to a minute late for each', () => {
    const lateness = fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 30, maxLength: 30 })
    fc.assert(
      fc.property(situation, lateness, ({ series, from, now, last }, seconds) => {
        const planned: string[] = []
        let due: Forecast = from
        let turn = now
        for (const late of seconds) {
          const { at, on } = nextMorning(due, turn)
          if (compare(on, last) > 0) break
          turn = isAfter(at, turn) ? at.add({ seconds: late }) : turn
          const step = nextStep(series, due, turn)
          const day = step.do === 'redate' ? due.unsentDay : 'mail' in step ? step.mail.day : null
          const morning =
            step.do === 'redate' ? step.morning : 'mail' in step ? step.mail.morning : null
          if (morning && step.do !== 'drop') planned.push(`${morning.on} ${day ?? ''}`)
          if (step.do === 'finish') break
          const came = step.do === 'send' ? [step.mail.item] : []
          due = {
            rhythm: due.rhythm,
            dueOn: step.next.on,
            had: [...due.had, ...came],
            ...NOTHING_LATE,
          }
        }
        const foreseen = forecast(series, from, now, last)
        expect(foreseen.map(({ day, morning }) => `${morning.on} ${day ?? ''}`)).toEqual(planned)
      }),
      RUNS,
    )
  })

  it('has one a date, lessons in order, nothing in a pause or on quiet dates, and a free day if so wished', () => {
    fc.assert(
      fc.property(situation, ({ series, from, now, last }) => {
        const mails = forecast(series, from, now, last)
        const days = mails.flatMap(({ day }) => day ?? [])
        expect(days).toEqual(days.toSorted((a, b) => a - b))
        expect(new Set(days).size).toBe(days.length)
        mails.forEach(({ morning }, index) => {
          expect(isQuiet(from.rhythm, morning.on)).toBe(false)
          expect(morningOn(from.rhythm, morning.on)).toEqual(morning)
          if (from.pausedUntil)
            expect(compare(morning.on, from.pausedUntil)).toBeGreaterThanOrEqual(0)
          const before = mails[index - 1]
          if (before)
            expect(
              compare(morning.on, dateAfter(from.rhythm, before.morning.on)),
            ).toBeGreaterThanOrEqual(0)
        })
      }),
      RUNS,
    )
  })
})

describe('quiet dates over the night the clocks change', () => {
  it.each([
    ['Europe/Berlin', '2027-03-28'],
    ['Europe/Berlin', '2027-10-31'],
    ['America/New_York', '2027-03-14'],
    ['America/Santiago', '2027-09-05'],
    ['Australia/Lord_Howe', '2027-10-03'],
  ])('in %s, %s, are quiet to the day, and the hour after them is the same', (zone, night) => {
    const quiet = { from: date(night).subtract({ days: 2 }), to: date(night).add({ days: 2 }) }
    const rhythm: Rhythm = { time: '02:15', zone, weekdays: WEEKDAYS, quiet }
    const now = quiet.from
      .subtract({ days: 1 })
      .toZonedDateTime({ timeZone: zone, plainTime: '01:00' })
      .toInstant()
    const from: Forecast = {
      rhythm,
      dueOn: dateIn(zone, now),
      had: [],
      unsent: null,
      unsentDay: null,
    }
    const mails = forecast(course(40), from, now, quiet.to.add({ days: 2 }))
    expect(mails.map(({ morning }) => String(morning.on))).toEqual(
      [-1, 5, 6].map((days) => String(quiet.from.add({ days }))),
    )
    for (const { morning } of mails)
      expect(String(morning.at.toZonedDateTimeISO(zone).toPlainTime())).toBe('02:15:00')
    const gap = mails.map(({ morning }) => morning.at.epochMilliseconds)
    expect((gap[1] ?? 0) - (gap[0] ?? 0)).not.toBe(6 * DAY)
  })
})
