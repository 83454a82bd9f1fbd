import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstAfterPause,
  firstAfterRequested,
  firstFreeMorning,
  immediateWindow,
  type LastMail,
} from '../../src/domain/controls.ts'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { dateAfter, isQuiet, morningOn, type SendWindow } from '../../src/domain/schedule.ts'
import { dateIn, HOUR, isAfter } from '../../src/domain/time.ts'
import { instants, rhythms, zones } from './rhythms.ts'

const BERLIN: Rhythm = { time: '07:00', zone: 'Europe/Berlin', weekdays: WEEKDAYS }
const date = (text: string) => Temporal.PlainDate.from(text)
const at = (text: string) => Temporal.ZonedDateTime.from(`${text}[Europe/Berlin]`).toInstant()
const on = (morning: SendWindow) => String(morning.on)
const compare = Temporal.PlainDate.compare
const sent = (text: string): LastMail => ({
  on: date(text.slice(0, 10)),
  at: at(text),
  leftAt: at(text),
})

describe('the first free morning', () => {
  const free = (change: Partial<Rhythm>, last: LastMail | null, now: string) =>
    on(firstFreeMorning({ ...BERLIN, ...change }, last, at(now)))

  it('is today’s while its time is ahead, else tomorrow’s', () => {
    expect(free({}, null, '2027-03-20T06:59')).toBe('2027-03-20')
    expect(free({}, null, '2027-03-20T07:00')).toBe('2027-03-21')
  })

  it('is not on a date that has had one', () => {
    expect(free({ time: '19:00' }, sent('2027-03-20T07:00'), '2027-03-20T08:00')).toBe('2027-03-21')
  })

  it('is not on the last one’s date in the zone that is chosen now', () => {
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

  it('counts one that is being sent now as today’s, whichever date it was due on', () => {
    const late: LastMail = { ...sent('2027-03-19T07:00'), leftAt: null }
    expect(free({}, late, '2027-03-20T06:00')).toBe('2027-03-21')
  })
})

describe('after a pause', () => {
  const resumed = (dueOn: string, last: LastMail | null, now: string) =>
    on(firstAfterPause(BERLIN, date(dueOn), last, at(now)))

  it('of a few minutes nothing has changed, even across the due time itself', () => {
    expect(resumed('2027-03-20', sent('2027-03-19T07:00'), '2027-03-20T06:00')).toBe('2027-03-20')
    expect(resumed('2027-03-20', sent('2027-03-19T07:00'), '2027-03-20T07:10')).toBe('2027-03-20')
    expect(resumed('2027-03-21', sent('2027-03-20T07:00'), '2027-03-20T12:00')).toBe('2027-03-21')
  })

  it('of days it goes on at the next time that is ahead', () => {
    expect(resumed('2027-03-10', sent('2027-03-09T07:00'), '2027-03-20T06:00')).toBe('2027-03-20')
    expect(resumed('2027-03-10', sent('2027-03-09T07:00'), '2027-03-20T09:00')).toBe('2027-03-21')
    expect(resumed('2027-03-20', sent('2027-03-19T07:00'), '2027-03-20T21:00')).toBe('2027-03-21')
  })
})

describe('a lesson requested now', () => {
  it('takes the place of today’s when that has not come', () => {
    expect(on(firstAfterRequested(BERLIN, date('2027-03-20'), at('2027-03-20T06:00')))).toBe(
      '2027-03-21',
    )
  })

  it('leaves the others their dates', () => {
    expect(on(firstAfterRequested(BERLIN, date('2027-03-21'), at('2027-03-20T09:00')))).toBe(
      '2027-03-21',
    )
    expect(on(firstAfterRequested(BERLIN, date('2027-03-24'), at('2027-03-20T09:00')))).toBe(
      '2027-03-24',
    )
  })

  it('a minute before midnight may be sent after it, but belongs to the date of the request', () => {
    const now = at('2027-03-20T23:59')
    const { on: asked, until } = immediateWindow(BERLIN, now)
    expect(String(asked)).toBe('2027-03-20')
    expect(isAfter(until, at('2027-03-21T00:30'))).toBe(true)
    expect(on(firstAfterRequested(BERLIN, date('2027-03-21'), now))).toBe('2027-03-21')
  })
})

/** A last mail that came within the fortnight before `now`, in whatever rhythm there was then. */
const lasts = (now: Temporal.Instant) =>
  fc
    .record({ hoursAgo: fc.integer({ min: 0, max: 14 * 24 }), zone: zones })
    .map(({ hoursAgo, zone }): LastMail => {
      const when = now.subtract({ milliseconds: hoursAgo * HOUR })
      return { on: dateIn(zone, when), at: when, leftAt: when }
    })
const situations = instants.chain((now) =>
  fc.record({ now: fc.constant(now), rhythm: rhythms, last: fc.option(lasts(now)) }),
)

const RUNS = { numRuns: 1_000 }

describe('whatever the rhythm, the last mail and the hour', () => {
  it('the first free morning is ahead, allowed, not quiet, and on no date that is taken', () => {
    fc.assert(
      fc.property(situations, ({ now, rhythm, last }) => {
        const first = firstFreeMorning(rhythm, last, now)
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

  it('no earlier morning would have done', () => {
    fc.assert(
      fc.property(situations, ({ now, rhythm, last }) => {
        const first = firstFreeMorning(rhythm, last, now)
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
        const waited = firstFreeMorning(rhythm, last, now)
        expect(firstAfterPause(rhythm, waited.on, last, now)).toEqual(waited)
      }),
      RUNS,
    )
  })

  it('what follows a lesson requested now is never on its date', () => {
    fc.assert(
      fc.property(situations, ({ now, rhythm, last }) => {
        const waited = firstFreeMorning(rhythm, last, now)
        const next = firstAfterRequested(rhythm, waited.on, now)
        expect(compare(next.on, immediateWindow(rhythm, now).on)).toBe(1)
        expect(compare(next.on, waited.on)).toBeGreaterThanOrEqual(0)
      }),
      RUNS,
    )
  })
})
