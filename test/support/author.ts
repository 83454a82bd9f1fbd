/** An author who randomly changes a course on disk while readers are enrolled. */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import {
  FIRST_LESSON_TIMES,
  type FirstLessonTime,
  LATE_POLICIES,
  type LatePolicy,
} from '../../src/domain/course.ts'
import { lesson, settings } from '../content/folder.ts'

/** The schedule of the lessons in days and dates, as the author sets it. */
export interface Schedule {
  readonly every: number
  /** The days before the lesson at this index; null means `every`. */
  readonly after: readonly (number | null)[]
  readonly first: FirstLessonTime
  readonly starts: readonly string[]
  readonly joining: number
  readonly open: boolean
}

/** Every day, with an individual start for each reader. */
export const PLAIN: Schedule = {
  every: 1,
  after: [],
  first: 'next morning',
  starts: [],
  joining: 0,
  open: false,
}

const FIRST_START = Temporal.PlainDate.from('2027-03-23')
const starts = fc
  .uniqueArray(fc.nat(8), { minLength: 1, maxLength: 3 })
  .map((days) => days.map((day) => String(FIRST_START.add({ days: day }))))

/** All valid combinations: with common starts, nobody begins at once. */
export const schedules: fc.Arbitrary<Schedule> = fc
  .record({
    every: fc.constantFrom(1, 1, 2, 3, 7),
    after: fc.array(fc.option(fc.integer({ min: 1, max: 5 })), { maxLength: 6 }),
    first: fc.constantFrom(...FIRST_LESSON_TIMES),
    starts: fc.oneof(fc.constant([]), starts),
    joining: fc.nat(4),
    open: fc.boolean(),
  })
  .map((schedule) =>
    schedule.starts.length > 0
      ? { ...schedule, first: 'next morning' }
      : { ...schedule, joining: 0 },
  )

const days = (count: number) => `${count} ${count === 1 ? 'day' : 'days'}`

/** The keys of course.yaml and of a lesson for this schedule. */
export const courseKeys = ({ every, first, starts, joining, open }: Schedule) => ({
  every: days(every),
  first,
  starts: starts.length > 0 ? `[${starts.join(', ')}]` : null,
  joining: joining > 0 ? days(joining) : null,
  open: open ? 'true' : null,
})
export const lessonKeys = ({ after }: Schedule, index: number) => {
  const gap = index === 0 ? null : (after[index] ?? null)
  return { after: gap === null ? null : days(gap) }
}

export type LessonEdit =
  | { readonly do: 'move'; readonly from: number; readonly to: number }
  | { readonly do: 'add'; readonly at: number; readonly late: LatePolicy }
  | { readonly do: 'remove' | 'rename' | 'rewrite'; readonly at: number }
export type Edit = LessonEdit | { readonly do: 'schedule'; readonly schedule: Schedule }

/** What an author can do to the lessons of a course. */
export const edit: fc.Arbitrary<LessonEdit> = fc.oneof(
  fc.record({ do: fc.constant('move' as const), from: fc.nat(20), to: fc.nat(20) }),
  fc.record({
    do: fc.constant('add' as const),
    at: fc.nat(20),
    late: fc.constantFrom(...LATE_POLICIES),
  }),
  fc.record({
    do: fc.constantFrom('remove' as const, 'rename' as const, 'rewrite' as const),
    at: fc.nat(20),
  }),
)

/** Mostly nothing. */
export const edits = fc.oneof(
  { weight: 12, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: edit },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('schedule' as const), schedule: schedules }),
  },
)

interface Written {
  /** Its ID in the ledger. */
  readonly id: string
  readonly names: readonly string[]
  readonly late: LatePolicy
  readonly subject: string
}

export interface Author {
  /** Makes one change, and rewrites the folder. */
  edit(what: Edit): Promise<void>
  /** IDs of the lessons that everybody gets, and of all lessons. */
  lessons(): { readonly forAll: readonly string[]; readonly all: readonly string[] }
  schedule(): Schedule
  /** The days before each lesson, by its ID. */
  gaps(): ReadonlyMap<string, number>
}

/** The author of a course folder with lessons of these names. */
export function authorOf(folder: string, names: readonly string[], schedule = PLAIN): Author {
  let made = 0
  let now = schedule
  const lessons = names.map(
    (name): Written => ({ id: name, names: [name], late: 'send', subject: `Lesson ${name}` }),
  )

  async function write() {
    for (const name of await readdir(folder)) if (/^\d/.test(name)) await rm(join(folder, name))
    await writeFile(join(folder, 'course.yaml'), settings(courseKeys(now)))
    for (const [index, { names, late, subject }] of lessons.entries()) {
      const aliases = names.length > 1 ? `[${names.slice(0, -1).join(', ')}]` : null
      const number = String(index + 1).padStart(2, '0')
      await writeFile(
        join(folder, `${number}-${names.at(-1)}.md`),
        lesson({ subject, late, aliases, ...lessonKeys(now, index) }),
      )
    }
  }

  return {
    edit: async (what) => {
      if (what.do === 'schedule') {
        now = what.schedule
        return write()
      }
      const index = ('at' in what ? what.at : what.from) % lessons.length
      const one = lessons[index] as Written
      if (what.do === 'add') {
        const name = `new-${made++}`
        lessons.splice(index, 0, {
          id: name,
          names: [name],
          late: what.late,
          subject: `Lesson ${name}`,
        })
      } else if (what.do === 'move')
        lessons.splice(what.to % lessons.length, 0, ...lessons.splice(index, 1))
      else if (what.do === 'rename')
        lessons[index] = { ...one, names: [...one.names, `${one.id}-${made++}`] }
      else if (what.do === 'rewrite')
        lessons[index] = { ...one, subject: `Lesson ${one.id}, version ${made++}` }
      else if (lessons.length > 3) lessons.splice(index, 1)
      await write()
    },
    lessons: () => ({
      forAll: lessons.filter(({ late }) => late === 'send').map(({ id }) => id),
      all: lessons.map(({ id }) => id),
    }),
    schedule: () => now,
    gaps: () =>
      new Map(
        lessons.map(({ id }, index) => [id, (index > 0 && now.after[index]) || now.every] as const),
      ),
  }
}
