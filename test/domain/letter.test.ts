import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { forecast } from '../../src/domain/forecast.ts'
import {
  companionOf,
  lastOnAfter,
  type News,
  newsAfter,
  nextStep,
  type PlanningState,
} from '../../src/domain/plan.ts'
import { replay } from '../../src/domain/replay.ts'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { isQuiet, morningOn } from '../../src/domain/schedule.ts'
import { dateIn, HOUR, isAfter } from '../../src/domain/time.ts'
import { newsletter } from './make.ts'
import { instants, rhythms } from './rhythms.ts'

const RHYTHM: Rhythm = { time: '07:00', zone: 'Europe/Berlin', weekdays: WEEKDAYS }
const at = (text: string) => Temporal.Instant.from(text)
const date = (text: string) => Temporal.PlainDate.from(text)
/** Articles by the moments at which they were published. */
const news = (since: string, ...published: string[]): News => ({
  since: at(since),
  articles: published.map((moment) => ({ slug: moment, publishedAt: at(moment) })),
})
const due = (rest: Partial<PlanningState> = {}): PlanningState => ({
  rhythm: RHYTHM,
  dueOn: date('2026-06-15'),
  had: [],
  unsent: null,
  ...rest,
})

describe('the next step in a letter', () => {
  const step = (enrollment: PlanningState, now = '2026-06-15T05:00:00Z', every = 1) => {
    const done = nextStep(newsletter(every), enrollment, at(now))
    const next = 'next' in done ? String(done.next.on) : ''
    return 'mail' in done
      ? `${done.do} ${done.mail.item}: ${done.mail.announced?.articles.join(' ')}, then ${next}`
      : `${done.do} for ${next}`
  }

  it('is to wait while the morning lies ahead, and for the next one if nothing is new', () => {
    const some = news('2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z')
    expect(step(due({ news: some }), '2026-06-15T04:59:59Z')).toBe('wait for 2026-06-15')
    expect(step(due({ news: news('2026-06-02T00:00:00Z', '2026-06-02T00:00:00Z') }))).toBe(
      'wait for 2026-06-16',
    )
    expect(step(due({ news: news('2026-06-02T00:00:00Z', '2026-06-15T05:00:01Z') }))).toBe(
      'wait for 2026-06-16',
    )
    expect(step(due())).toBe('wait for 2026-06-16')
  })

  it('is to send all that is new, newest first', () => {
    const three = news(
      '2026-06-02T00:00:00Z',
      '2026-06-02T00:00:00Z',
      '2026-06-03T00:00:00Z',
      '2026-06-15T05:00:00Z',
    )
    expect(step(due({ news: three }))).toBe(
      'send 2026-06-15: 2026-06-15T05:00:00Z 2026-06-03T00:00:00Z, then 2026-06-16',
    )
  })

  it('keeps the gap after the last one sent', () => {
    const some = news('2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z')
    const weekly = { news: some, lastOn: date('2026-06-14') }
    expect(step(due(weekly), undefined, 7)).toBe('wait for 2026-06-21')
    expect(step(due({ ...weekly, lastOn: date('2026-06-08') }), undefined, 7)).toMatch(
      /^send 2026-06-15/,
    )
  })
})

describe('a letter beside a lesson', () => {
  const morning = morningOn(RHYTHM, date('2026-06-15'))
  const now = at('2026-06-15T05:00:00Z')
  const some = news('2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z')
  const beside = (enrollment: PlanningState, withinMs = 3 * HOUR) =>
    morning && companionOf({ morning, withinMs }, { series: newsletter(), due: enrollment }, now)

  it('goes along at the lesson’s time if it is due already or soon', () => {
    for (const time of ['06:00', '07:00', '09:00']) {
      const companion = beside(due({ rhythm: { ...RHYTHM, time }, news: some }))
      expect(companion?.mail).toMatchObject({ kind: 'letter', item: '2026-06-15' })
      expect(String(companion?.mail.morning.at)).toBe('2026-06-15T05:00:00Z')
      expect(String(companion?.next.on)).toBe('2026-06-16')
    }
  })

  it('does not go along if nothing is new, on another morning, or if kept apart', () => {
    expect(beside(due({ news: news('2026-06-02T00:00:00Z', '2026-06-02T00:00:00Z') }))).toBeNull()
    expect(beside(due({ dueOn: date('2026-06-16'), news: some }))).toBeNull()
    expect(beside(due({ rhythm: { ...RHYTHM, time: '12:00' }, news: some }))).toBeNull()
    expect(beside(due({ news: some }), 0)).toBeNull()
  })
})

const situations = fc
  .record({
    rhythm: rhythms,
    now: instants,
    every: fc.constantFrom(1, 7, 14),
    wait: fc.integer({ min: -5, max: 20 }),
    paused: fc.option(fc.integer({ min: 1, max: 30 })),
    /** Hours from the beginning. */
    published: fc.array(fc.integer({ min: -100, max: 700 }), { maxLength: 20 }),
  })
  .map(({ rhythm, now, every, wait, paused, published }) => {
    const today = dateIn(rhythm.zone, now)
    const articles = published
      .toSorted((a, b) => a - b)
      .map((hours, index) => ({ slug: `a-${index}`, publishedAt: now.add({ hours }) }))
    const from: PlanningState = {
      rhythm,
      had: [],
      unsent: null,
      dueOn: today.add({ days: wait }),
      pausedUntil: paused === null ? null : today.add({ days: paused }),
      news: { since: now, articles },
    }
    return { series: newsletter(every), every, from, now, today }
  })

/** Lives as a planner does that is always on time. */
function* lived({
  series,
  from,
  now,
}: {
  series: ReturnType<typeof newsletter>
  from: PlanningState
  now: Temporal.Instant
}) {
  let [due, turn] = [from, now]
  for (let turns = 0; turns < 45; turns++) {
    const step = nextStep(series, due, turn)
    if (step.do !== 'wait' && step.do !== 'send') throw new Error(step.do)
    if (step.do === 'send') yield step.mail
    due = {
      ...due,
      ...newsAfter(step, due),
      lastOn: lastOnAfter(step, due),
      dueOn: step.next.on,
      pausedUntil: isAfter(step.next.at, turn)
        ? step.do === 'wait'
          ? (due.pausedUntil ?? null)
          : null
        : null,
    }
    turn = isAfter(step.next.at, turn) ? step.next.at : turn
  }
}

describe('letters', () => {
  it('announce each new article once, in order, on free mornings', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { from, now, every } = situation
        const mails = [...lived(situation)]
        const announced = mails.flatMap(({ announced }) => announced?.articles.toReversed() ?? [])
        const due = from.news?.articles.filter(({ publishedAt }) => isAfter(publishedAt, now)) ?? []
        expect(announced).toEqual(due.slice(0, announced.length).map(({ slug }) => slug))
        for (const { announced, morning } of mails) {
          expect(announced?.articles).not.toEqual([])
          expect(isQuiet(from.rhythm, morning.on)).toBe(false)
          expect(from.rhythm.weekdays).toContain(morning.on.dayOfWeek)
          expect(isAfter(announced?.through ?? now, morning.until)).toBe(false)
          if (from.pausedUntil)
            expect(Temporal.PlainDate.compare(morning.on, from.pausedUntil)).toBeGreaterThanOrEqual(
              0,
            )
        }
        const gap = Math.max(every, from.rhythm.everyOther ? 2 : 1)
        const dates = mails.map(({ morning }) => morning.on)
        for (const [index, on] of dates.slice(1).entries())
          expect(dates[index]?.until(on).days).toBeGreaterThanOrEqual(gap)
      }),
      { numRuns: 100 },
    )
  })

  it('come as they are forecast, and as they are replayed after a restore', () => {
    fc.assert(
      fc.property(situations, ({ series, from, now, today }) => {
        // A forecast knows what is published by now.
        const known =
          from.news?.articles.filter(({ publishedAt }) => !isAfter(publishedAt, now)) ?? []
        const informed = { ...from, news: { since: now.subtract({ hours: 50 }), articles: known } }
        const last = today.add({ days: 20 })
        const foreseen = forecast(series, { ...informed, unsentDay: null }, now, last)
        const planned = [...lived({ series, from: informed, now })].filter(
          ({ morning }) => Temporal.PlainDate.compare(morning.on, last) <= 0,
        )
        expect(foreseen.map(({ morning }) => String(morning.on))).toEqual(
          planned.map(({ morning }) => String(morning.on)),
        )
        const until = now.add({ hours: 300 })
        const again = replay(series, { ...from, dueAt: now }, until)
        const came = [...lived({ series, from, now })].filter(
          ({ morning }) => !isAfter(morning.at, until),
        )
        expect(again.mails.map((one) => 'mail' in one && one.mail.announced?.articles)).toEqual(
          came.map(({ announced }) => announced?.articles),
        )
      }),
      { numRuns: 100 },
    )
  })
})
