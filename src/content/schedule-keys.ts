/** The keys of course.yaml and of front matter that schedule lessons. */
import { z } from 'zod'
import { FIRST_LESSON_TIMES } from '../domain/course.ts'
import { parseDate } from '../domain/rhythm.ts'

/** The longest gap between two lessons, in days: a year. */
const MAX_GAP_DAYS = 366
const GAP = 'must be a number of days or weeks, like 1 day, 3 days or 1 week'
const GAP_SPELLING = /^([1-9]\d{0,2}) +(day|week)s?$/

/** A gap, in days. */
const gap = z
  .string({ error: GAP })
  .trim()
  .regex(GAP_SPELLING, { error: GAP, abort: true })
  .refine((text) => daysIn(text) <= MAX_GAP_DAYS, `is too long; keep it to ${MAX_GAP_DAYS} days`)

function daysIn(text: string): number {
  const [, count, unit] = GAP_SPELLING.exec(text) ?? []
  return Number(count) * (unit === 'week' ? 7 : 1)
}

const START = 'must be a date like 2027-01-11'

export const courseSchedule = {
  starts: z
    .array(
      z.string({ error: START }).refine((text) => parseDate(text) !== null, START),
      { error: 'must be a list of dates, like [2027-01-11, 2027-04-05]' },
    )
    .min(1, 'is empty; name at least one date, or remove it')
    .exactOptional()
    .describe('Dates on which people begin together, each at their own hour.'),
  joining: gap
    .transform(daysIn)
    .exactOptional()
    .describe(
      'How long a start can still be joined after its day: 3 days, 1 week and so on. Those who do begin on their next morning; all others at the next start.',
    ),
  open: z
    .boolean({ error: 'must be true or false' })
    .exactOptional()
    .describe('true: it keeps growing, and readers who have finished wait for its next lesson.'),
  every: gap
    .transform(daysIn)
    .exactOptional()
    .describe('From one lesson to the next: 1 day (the default), 2 days, 1 week and so on.'),
  first: z
    .enum(FIRST_LESSON_TIMES, { error: `must be ${FIRST_LESSON_TIMES.join(' or ')}` })
    .exactOptional()
    .describe(
      'When the first lesson comes: next morning (the default), or at once, with the confirmation.',
    ),
}

export const letterSchedule = {
  every: gap
    .transform(daysIn)
    .exactOptional()
    .describe(
      'From one letter to the next, at least: 1 day (the default), 1 week and so on. It comes when something is new.',
    ),
}

export const lessonSchedule = {
  after: gap
    .transform(daysIn)
    .exactOptional()
    .describe('From the lesson before to this one, instead of every: 3 days, 1 week and so on.'),
}
