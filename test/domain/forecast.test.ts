import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ForecastStart, forecast } from '../../src/domain/forecast.ts'
import { nextMorning, nextStep } from '../../src/domain/plan.ts'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { dateAfter, isQuiet, morningOn } from '../../src/domain/schedule.ts'
import { DAY, dateIn, isAfter } from '../../src/domain/time.ts'
import { course, daily, had } from './make.ts'
import { instants, rhythms } from './rhythms.ts'

const date = (text: string) => Temporal.PlainDate.from(text)
const compare = Temporal.PlainDate.compare
const NOTHING_LATE = { unsent: null, unsentDay: null, pausedUntil: null }
const RUNS = { numRuns: 1_000 }

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
    const from: ForecastStart = {
      rhythm,
      had: had(nextDay - 1),
      dueOn: today.add({ days: wait }),
      unsent: late ? 'late' : null,
      unsentDay: late ? nextDay - 1 : null,
      pausedUntil: paused === null ? null : today.add({ days: paused }),
    }
    return { series, from, now, last: today.add({ days: 21 }) }
  })

  it('is what a planner does that is up to a minute late each time', () => {
    const lateness = fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 30, maxLength: 30 })
    fc.assert(
      fc.property(situation, lateness, ({ series, from, now, last }, seconds) => {
        const planned: string[] = []
        let due: ForecastStart = from
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
          if (step.do === 'finish' || step.do === 'rest') break
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

  it('has one mail a date, in order, none in pauses or on quiet dates, and keeps free days', () => {
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
  ])('in %s, %s, are quiet to the day, and the hour is the same after them', (zone, night) => {
    const quiet = { from: date(night).subtract({ days: 2 }), to: date(night).add({ days: 2 }) }
    const rhythm: Rhythm = { time: '02:15', zone, weekdays: WEEKDAYS, quiet }
    const now = quiet.from
      .subtract({ days: 1 })
      .toZonedDateTime({ timeZone: zone, plainTime: '01:00' })
      .toInstant()
    const from: ForecastStart = {
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
