/** Random histories of readers: what they want and when they change it. */
import fc from 'fast-check'
import type { App } from '../../src/app/app.ts'
import { Problem } from '../../src/domain/problem.ts'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { CONSENT } from './app.ts'

/** Turns of a history: in each, readers use their controls and the program runs. */
const TURNS = 70

const date = (days: number) => Temporal.PlainDate.from('2027-03-21').add({ days })
const quiets = fc.option(
  fc
    .record({ from: fc.integer({ min: 0, max: 14 }), days: fc.integer({ min: 0, max: 9 }) })
    .map(({ from, days }) => ({ from: date(from), to: date(from + days) })),
)
const rhythms: fc.Arbitrary<Rhythm> = fc.record({
  time: fc.constantFrom('00:00', '02:30', '07:00', '07:00', '12:10', '19:45', '23:59'),
  zone: fc.constantFrom(
    ...[
      'Europe/Berlin',
      'America/New_York',
      'Pacific/Auckland',
      'Pacific/Kiritimati',
      'Pacific/Pago_Pago',
    ],
  ),
  weekdays: fc.oneof(fc.constant([...WEEKDAYS]), fc.subarray([...WEEKDAYS], { minLength: 2 })),
  everyOther: fc.boolean(),
  quiet: quiets,
})

export type Use =
  | { readonly use: 'rhythm'; readonly rhythm: Rhythm }
  | { readonly use: 'pause'; readonly days: number | null }
  | { readonly use: 'resume' | 'now' | 'again' | 'skip' | 'undo' | 'restart' | 'leave' }

const uses: fc.Arbitrary<Use> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ use: fc.constant('rhythm' as const), rhythm: rhythms }) },
  {
    weight: 6,
    arbitrary: fc.record({
      use: fc.constant('pause' as const),
      days: fc.option(fc.integer({ min: 1, max: 5 })),
    }),
  },
  {
    weight: 22,
    arbitrary: fc.record({
      use: fc.constantFrom(
        ...([
          'resume',
          'resume',
          'now',
          'now',
          'again',
          'skip',
          'skip',
          'undo',
          'undo',
          'restart',
        ] as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ use: fc.constant('leave' as const) }) },
)
export const lives = fc.record({
  rhythm: rhythms,
  uses: fc.array(fc.record({ turn: fc.integer({ min: 0, max: TURNS - 1 }), what: uses }), {
    maxLength: 9,
  }),
})
export const turns = fc.array(
  fc.record({
    minutes: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 60, max: 900 })),
    /** What runs in this turn: everything, only the planner, half of the sending, or nothing. */
    works: fc.constantFrom(...(['all', 'all', 'all', 'plan', 'half', 'nothing'] as const)),
  }),
  { minLength: TURNS, maxLength: TURNS },
)

/** A subscriber in one series. */
export interface Reader {
  readonly series: string
  readonly life: { rhythm: Rhythm; uses: { turn: number; what: Use }[] }
  readonly subscriber: string
  readonly joined: Temporal.Instant
  current: string
  /** What was attempted and when, and whether it was done. */
  readonly log: { at: Temporal.Instant; what: Use; zone: string; done: boolean }[]
  zone: string
}

async function control(
  app: App,
  { current }: Reader,
  what: Use,
  zone: string,
): Promise<string | null> {
  switch (what.use) {
    case 'rhythm':
      await app.reader.setRhythm(current, what.rhythm)
      return null
    case 'pause': {
      const today = app.now().toZonedDateTimeISO(zone).toPlainDate()
      await app.reader.pause(current, what.days === null ? null : today.add({ days: what.days }))
      return null
    }
    case 'resume':
      await app.reader.resume(current)
      return null
    case 'now':
      await app.reader.sendNow(current)
      return null
    case 'again':
      await app.reader.sendAgain(current)
      return null
    case 'skip':
      await app.reader.skipLesson(current, (await app.reader.upcoming(current))?.which ?? '')
      return null
    case 'undo':
      await app.reader.undoSkip(current, (await app.reader.upcoming(current))?.skipped?.which ?? '')
      return null
    case 'restart':
      return app.reader.restart(current, CONSENT)
    case 'leave':
      await app.reader.unsubscribe(current, 'series', CONSENT)
      return null
  }
}

/** Uses a control; a refused one changes nothing, and is logged as well. */
export async function use(app: App, reader: Reader, what: Use) {
  let done = true
  try {
    reader.current = (await control(app, reader, what, reader.zone)) ?? reader.current
    if (what.use === 'rhythm') reader.zone = what.rhythm.zone
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    done = false
  }
  reader.log.push({ at: app.now(), what, zone: reader.zone, done })
}
