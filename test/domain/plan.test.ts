import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextStep, type PlanningState, type Step } from '../../src/domain/plan.ts'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { firstMorning, type SendWindow } from '../../src/domain/schedule.ts'
import { HOUR, isBefore } from '../../src/domain/time.ts'
import { course, daily, had } from './make.ts'

const RHYTHM: Rhythm = { time: '07:00', zone: 'Europe/Berlin', weekdays: WEEKDAYS }
const date = (text: string) => Temporal.PlainDate.from(text)
const due = (dueOn: string, rest: Partial<PlanningState> = {}): PlanningState => ({
  rhythm: RHYTHM,
  dueOn: date(dueOn),
  had: [],
  unsent: null,
  ...rest,
})
const at = (text: string) => Temporal.Instant.from(text)
const on = (morning: SendWindow) => String(morning.on)

/** A step in short, with dates for mornings. */
function told(step: Step): string {
  const next = 'next' in step ? `, then ${on(step.next)}` : ''
  if (step.do === 'wait') return `wait for ${on(step.next)}`
  if (step.do === 'redate') return `redate ${step.delivery} to ${on(step.morning)}${next}`
  if (step.do === 'rest') return `rest from ${step.from}`
  return `${step.do} ${step.mail.kind} ${step.mail.item} on ${on(step.mail.morning)}${next}`
}

describe('the next step in a course', () => {
  const series = course(3)
  const step = (enrollment: PlanningState, now: string) =>
    told(nextStep(series, enrollment, at(now)))

  it('is to wait while the morning lies ahead', () => {
    expect(step(due('2026-06-15'), '2026-06-15T04:59:59Z')).toBe('wait for 2026-06-15')
    expect(step(due('2026-06-20'), '2026-06-15T12:00:00Z')).toBe('wait for 2026-06-20')
  })

  it('is to send from the minute it is due', () => {
    expect(step(due('2026-06-15'), '2026-06-15T05:00:00Z')).toBe(
      'send lesson lesson-1 on 2026-06-15, then 2026-06-16',
    )
  })

  it('is to send until the window closes', () => {
    expect(step(due('2026-06-15', { had: had(1) }), '2026-06-15T18:59:59Z')).toBe(
      'send lesson lesson-2 on 2026-06-15, then 2026-06-16',
    )
  })

  it('is to wait for the next morning once the window has closed', () => {
    expect(step(due('2026-06-15'), '2026-06-15T19:00:00Z')).toBe('wait for 2026-06-16')
    expect(step(due('2026-06-15'), '2026-06-15T23:30:00Z')).toBe('wait for 2026-06-16')
  })

  it('is to wait for the next allowed weekday once the window has closed', () => {
    const mondays = due('2026-06-15', { rhythm: { ...RHYTHM, weekdays: [1] } })
    expect(step(mondays, '2026-06-15T19:00:00Z')).toBe('wait for 2026-06-22')
  })

  it('is one lesson, today’s, after three days without planning', () => {
    expect(step(due('2026-06-12'), '2026-06-15T09:00:00Z')).toBe(
      'send lesson lesson-1 on 2026-06-15, then 2026-06-16',
    )
  })

  it('skips the weekdays that were not chosen', () => {
    const weekdays = due('2026-06-19', { rhythm: { ...RHYTHM, weekdays: [1, 2, 3, 4, 5] } })
    expect(step(weekdays, '2026-06-19T05:00:00Z')).toBe(
      'send lesson lesson-1 on 2026-06-19, then 2026-06-22',
    )
  })

  it('gives an unsent lesson the new morning, before the one after it', () => {
    expect(step(due('2026-06-16', { had: had(1), unsent: 'd1' }), '2026-06-16T05:00:00Z')).toBe(
      'redate d1 to 2026-06-16, then 2026-06-17',
    )
  })

  it('gives the last lesson a new morning before the course is finished', () => {
    expect(step(due('2026-06-18', { had: had(3), unsent: 'd3' }), '2026-06-18T05:00:00Z')).toBe(
      'redate d3 to 2026-06-18, then 2026-06-19',
    )
  })

  it('does not redate before the new morning has come', () => {
    expect(step(due('2026-06-16', { had: had(1), unsent: 'd1' }), '2026-06-16T04:00:00Z')).toBe(
      'wait for 2026-06-16',
    )
  })

  it('is to finish on the morning after the last lesson', () => {
    expect(step(due('2026-06-18', { had: had(3) }), '2026-06-18T05:00:00Z')).toBe(
      'finish completion completion on 2026-06-18',
    )
  })

  it('carries the lesson’s day and the whole window', () => {
    const { mail } = nextStep(
      series,
      due('2026-06-16', { had: had(1) }),
      at('2026-06-16T06:00:00Z'),
    ) as Extract<Step, { do: 'send' }>
    expect(mail.day).toBe(2)
    expect([String(mail.morning.at), String(mail.morning.until)]).toEqual([
      '2026-06-16T05:00:00Z',
      '2026-06-16T19:00:00Z',
    ])
  })
})

describe('the next step in a daily', () => {
  const series = daily(366)
  const step = (enrollment: PlanningState, now: string) =>
    told(nextStep(series, enrollment, at(now)))

  it('is to wait while the morning lies ahead', () => {
    expect(step(due('2026-06-15'), '2026-06-15T04:59:59Z')).toBe('wait for 2026-06-15')
  })

  it('is to send the inspiration of the date', () => {
    expect(step(due('2026-06-15'), '2026-06-15T05:00:00Z')).toBe(
      'send inspiration 2026-06-15 on 2026-06-15, then 2026-06-16',
    )
  })

  it('is to drop the inspiration of a date whose window has closed', () => {
    expect(step(due('2026-06-15'), '2026-06-15T19:00:00Z')).toBe(
      'drop inspiration 2026-06-15 on 2026-06-15, then 2026-06-16',
    )
  })

  it('is to drop an old one and go on with today’s, after three days without planning', () => {
    expect(step(due('2026-06-12'), '2026-06-15T09:00:00Z')).toBe(
      'drop inspiration 2026-06-12 on 2026-06-12, then 2026-06-15',
    )
  })

  it('is to wait when the date’s weekday is no longer chosen', () => {
    const tuesdays = due('2026-06-15', { rhythm: { ...RHYTHM, weekdays: [2] } })
    expect(step(tuesdays, '2026-06-15T05:00:00Z')).toBe('wait for 2026-06-16')
  })

  it('is to wait past a date that the zone left out', () => {
    const apia = due('2011-12-30', { rhythm: { ...RHYTHM, zone: 'Pacific/Apia' } })
    expect(step(apia, '2011-12-30T10:00:00Z')).toBe('wait for 2011-12-31')
  })
})

describe('a planner that is often late, and mail that does not always leave', () => {
  interface Left {
    readonly item: string
    readonly on: string
    readonly at: Temporal.Instant
    readonly morning: SendWindow
  }
  interface Turn {
    readonly hoursLater: number
    readonly leaves: boolean
  }

  /** Plans and sends as src/actions/sending does, one enrollment only. */
  function live(
    series: ReturnType<typeof course | typeof daily>,
    rhythm: Rhythm,
    turns: readonly Turn[],
  ) {
    const start = at('2026-03-20T12:00:00Z')
    const left: Left[] = []
    const dropped: string[] = []
    let next: SendWindow | null = firstMorning(rhythm, start)
    const came: string[] = []
    let open: { item: string; morning: SendWindow } | null = null
    let now = start
    for (const { hoursLater, leaves } of turns) {
      now = now.add({ milliseconds: hoursLater * HOUR })
      while (next && !isBefore(now, next.at)) {
        const step: Step = nextStep(
          series,
          { rhythm, dueOn: next.on, had: came, unsent: open?.item ?? null },
          now,
        )
        if (step.do === 'send' && step.mail.kind === 'lesson') came.push(step.mail.item)
        if (step.do === 'send' || step.do === 'finish')
          open = { item: step.mail.item, morning: step.mail.morning }
        if (step.do === 'drop') dropped.push(step.mail.item)
        if (step.do === 'redate' && open) open = { item: open.item, morning: step.morning }
        const last: SendWindow = next
        next = 'next' in step ? step.next : null
        if (next && step.do !== 'wait' && !isBefore(last.at, next.at))
          throw new Error('it stays where it is')
      }
      if (open && leaves && !isBefore(now, open.morning.at) && isBefore(now, open.morning.until)) {
        left.push({ item: open.item, on: on(open.morning), at: now, morning: open.morning })
        open = null
      }
      if (series.kind === 'daily' && open && !isBefore(now, open.morning.until)) open = null
    }
    return { left, dropped }
  }

  const rhythms = fc.record({
    time: fc.constantFrom('00:00', '02:30', '07:00', '20:30', '23:00'),
    zone: fc.constantFrom(
      'Europe/Berlin',
      'America/Santiago',
      'Asia/Kolkata',
      'Pacific/Apia',
      'America/New_York',
    ),
    weekdays: fc.subarray([...WEEKDAYS], { minLength: 1 }),
  })
  const turns = fc.array(
    fc.record({
      hoursLater: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 200 })),
      leaves: fc.boolean(),
    }),
    { minLength: 40, maxLength: 120 },
  )

  it('never brings a lesson twice, out of order, on a day not chosen, or two on one date', () => {
    fc.assert(
      fc.property(rhythms, turns, (rhythm, some) => {
        const { left } = live(course(10), rhythm, some)
        const inOrder = [...course(10).lessons.map(({ id }) => id), 'completion']
        expect(left.map(({ item }) => item)).toEqual(inOrder.slice(0, left.length))
        expect(new Set(left.map((mail) => mail.on)).size).toBe(left.length)
        for (const mail of left) {
          const local = mail.at.toZonedDateTimeISO(rhythm.zone)
          expect(String(local.toPlainDate())).toBe(mail.on)
          expect(rhythm.weekdays).toContain(local.dayOfWeek)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('brings every lesson in the end', () => {
    fc.assert(
      fc.property(rhythms, turns, (rhythm, some) => {
        const hourly = Array.from({ length: 24 * 7 * 12 }, () => ({ hoursLater: 1, leaves: true }))
        const { left } = live(course(10), rhythm, [...some, ...hourly])
        // The completion has one morning only; that it may miss it is the ledger's business.
        const lessons = left.map(({ item }) => item).filter((item) => item !== 'completion')
        expect(lessons).toEqual(course(10).lessons.map(({ id }) => id))
      }),
      { numRuns: 20 },
    )
  })

  it('never brings an inspiration on a date other than its own', () => {
    fc.assert(
      fc.property(rhythms, turns, (rhythm, some) => {
        const { left, dropped } = live(daily(60), rhythm, some)
        expect(left.map(({ item }) => item)).toEqual(left.map((mail) => mail.on))
        const all = [...left.map(({ item }) => item), ...dropped]
        expect(new Set(all).size).toBe(all.length)
      }),
      { numRuns: 200 },
    )
  })
})
