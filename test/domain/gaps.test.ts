/**
 * The author's time and the reader's, in random lives: courses with any gaps, readers with any
 * rhythm who skip, request and change their mind, while the author changes the schedule.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstAfterRequested,
  firstFreeMorning,
  immediateWindow,
} from '../../src/domain/controls.ts'
import { type Course, countsDays, gapBefore, nextLessonOf } from '../../src/domain/course.ts'
import { forecast } from '../../src/domain/forecast.ts'
import { nextMorning, nextMorningIn, nextStep, type PlanningState } from '../../src/domain/plan.ts'
import { isAfter } from '../../src/domain/time.ts'
import { course } from './make.ts'
import { rhythms } from './rhythms.ts'

const LESSONS = 5
const gaps = fc.record({
  every: fc.constantFrom(1, 1, 2, 3, 7, 14),
  after: fc.array(fc.option(fc.constantFrom(1, 2, 5, 7), { nil: undefined }), {
    minLength: LESSONS,
    maxLength: LESSONS,
  }),
})

const withGaps = ({ every, after }: { every: number; after: (number | undefined)[] }): Course => {
  const plain = course(LESSONS)
  return {
    ...plain,
    every,
    lessons: plain.lessons.map((lesson, index) => ({
      ...lesson,
      ...(index > 0 && after[index] && { after: after[index] }),
    })),
  }
}

const lives = fc.record({
  first: gaps,
  rhythm: rhythms,
  start: fc.integer({ min: 0, max: 400 }),
  turns: fc.array(
    fc.record({
      hours: fc.integer({ min: 1, max: 60 }),
      what: fc.oneof(
        { weight: 3, arbitrary: fc.constant({ use: 'nothing' as const }) },
        fc.record({ use: fc.constant('rhythm' as const), rhythm: rhythms }),
        fc.record({ use: fc.constant('gaps' as const), gaps }),
        fc.constantFrom({ use: 'skip' as const }, { use: 'now' as const }),
      ),
    }),
    { maxLength: 12 },
  ),
})

interface Came {
  readonly id: string
  readonly on: Temporal.PlainDate
  readonly at: Temporal.Instant
  readonly asked: boolean
  /** The author's gap before it when it was planned. */
  readonly gap: number
}

/** Lives one life with the planner's own step; gives what came and what was skipped. */
function live({
  first,
  rhythm,
  start,
  turns,
}: typeof lives extends fc.Arbitrary<infer L> ? L : never) {
  let now = Temporal.Instant.from('2026-10-01T09:30:00Z').add({ hours: 24 * start })
  let course = withGaps(first)
  const begin = firstFreeMorning(rhythm, null, now)
  let due: PlanningState = { rhythm, dueOn: begin.on, had: [], unsent: null, lastOn: null }
  const came: Came[] = []
  const skipped: string[] = []
  let isOver = false
  const last = () => {
    const mail = came.at(-1)
    return mail ? { on: mail.on, at: mail.at, leftAt: mail.at } : null
  }
  const takes = (id: string, on: Temporal.PlainDate, asked: boolean) => {
    const gap = gapBefore(
      course,
      course.lessons.find((lesson) => lesson.id === id),
    )
    came.push({ id, on, at: now, asked, gap })
    due = { ...due, had: [...due.had, id], lastOn: on }
  }
  const planUntil = (end: Temporal.Instant) => {
    for (;;) {
      const morning = nextMorning(due, now)
      if (isOver || isAfter(morning.at, end)) break
      if (isAfter(morning.at, now)) now = morning.at
      const step = nextStep(course, due, now)
      if (step.do === 'send') takes(step.mail.item, step.mail.morning.on, false)
      if (step.do === 'finish' || step.do === 'rest') isOver = true
      else due = { ...due, dueOn: step.next.on }
    }
    now = end
  }
  const use = (what: (typeof turns)[number]['what']) => {
    const next = nextLessonOf(course, due.had)
    if (what.use === 'gaps') course = withGaps(what.gaps)
    else if (what.use === 'rhythm') {
      due = { ...due, rhythm: what.rhythm, dueOn: firstFreeMorning(what.rhythm, last(), now).on }
    } else if (what.use === 'skip' && next) {
      skipped.push(next.id)
      due = { ...due, had: [...due.had, next.id], dueOn: nextMorning(due, now).on }
    } else if (what.use === 'now' && next) {
      const { on } = immediateWindow(due.rhythm, now)
      if (came.some((mail) => mail.asked && mail.on.equals(on))) return
      takes(next.id, on, true)
      due = { ...due, dueOn: firstAfterRequested(due.rhythm, due.dueOn, now).on }
    }
  }
  for (const { hours, what } of turns) {
    planUntil(now.add({ hours }))
    if (!isOver) use(what)
  }
  const foreseen = isOver
    ? null
    : forecast(course, { ...due, unsentDay: null }, now, Temporal.PlainDate.from('2032-01-01'))
  const before = came.length
  planUntil(now.add({ hours: 24 * 1_000 }))
  return { came, skipped, isOver, foreseen, later: came.slice(before) }
}

describe('a course with its author’s gaps', () => {
  it('never comes sooner than they allow, omits nothing, and comes as forecast', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const { came, skipped, isOver, foreseen, later } = live(life)
        for (const [index, { on, asked, gap, at }] of came.entries()) {
          const before = came[index - 1]
          if (!before || asked) continue
          expect(before.on.until(on).days).toBeGreaterThanOrEqual(gap)
          expect(isAfter(at, before.at)).toBe(true)
        }
        const regular = came.filter(({ asked }) => !asked).map(({ on }) => String(on))
        expect(new Set(regular).size).toBe(regular.length)
        expect(isOver).toBe(true)
        expect([...came.map(({ id }) => id), ...skipped].toSorted()).toEqual(
          course(LESSONS).lessons.map(({ id }) => id),
        )
        // What pages forecast is what comes.
        if (foreseen)
          expect(
            foreseen.flatMap(({ kind, morning }) => (kind === 'lesson' ? [`${morning.on}`] : [])),
          ).toEqual(later.map(({ on }) => String(on)))
      }),
      { numRuns: 500 },
    )
  })

  it('counts lessons, and days only where each comes a day after the one before', () => {
    const days = course(3)
    expect(countsDays(days)).toBe(true)
    expect(countsDays({ ...days, every: 7 })).toBe(false)
    expect(
      countsDays({ ...days, lessons: days.lessons.map((one) => ({ ...one, after: 1 })) }),
    ).toBe(true)
    expect(countsDays({ ...days, every: 7, lessons: days.lessons.slice(0, 1) })).toBe(true)
  })

  it('waits for its gap when a change of rhythm or course asks for less', () => {
    const weekly = { ...course(3), every: 7 }
    const rhythm = { time: '07:00', zone: 'Europe/Berlin', weekdays: [1, 3, 5] as const }
    const monday = Temporal.PlainDate.from('2026-06-15')
    const due: PlanningState = {
      rhythm,
      dueOn: monday.add({ days: 2 }),
      had: ['lesson-1'],
      unsent: null,
      lastOn: monday,
    }
    const now = Temporal.Instant.from('2026-06-17T05:00:00Z')
    expect(String(nextMorningIn(weekly, due, now).on)).toBe('2026-06-22')
    expect(nextStep(weekly, due, now).do).toBe('wait')
    // A lesson that was planned in time but not sent need not wait.
    expect(nextStep(weekly, { ...due, unsent: 'd1' }, now)).toMatchObject({ do: 'redate' })
  })
})
