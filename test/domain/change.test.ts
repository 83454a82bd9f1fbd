import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CourseChange,
  changeOf,
  isHarmful,
  type ReaderGroup,
} from '../../src/domain/change.ts'
import { type Course, type Lesson, lessonsAhead } from '../../src/domain/course.ts'
import { edit, type LessonEdit } from '../support/author.ts'
import { course, daily, had, lesson, newsletter } from './make.ts'

const TODAY = Temporal.PlainDate.from('2027-03-20')

/** A course of these lessons, in this order. */
const of = (...lessons: readonly Partial<Lesson>[]): Course => ({
  ...course(0),
  lessons: lessons.map((one, index) => {
    const id = one.id ?? 'x'
    const text = { subject: `About ${id}`, html: `<p>${id}</p>` }
    return { ...lesson(index + 1), ...text, name: id, ...one, id }
  }),
})
const ids = (names: string) => [...names].map((id) => ({ id }))
const ahead = (one: Course, has: string) =>
  lessonsAhead(one, [...has])
    .map(({ id }) => id)
    .join('')

describe('the lessons ahead', () => {
  it.each([
    ['in order, what has not come', of(...ids('abcde')), 'ab', 'cde'],
    ['one that was moved to the front comes next', of(...ids('eabcd')), 'abc', 'ed'],
    ['one that was moved behind does not come again', of(...ids('bcda')), 'ab', 'cd'],
    ['a new one behind the reader comes next', of(...ids('axbc')), 'ab', 'xc'],
    [
      'a new one behind the reader that spares them is left out',
      of({ id: 'a' }, { id: 'x', late: 'skip' }, ...ids('bc')),
      'ab',
      'c',
    ],
    [
      'one that spares those who are past it comes to those who are not',
      of({ id: 'a' }, { id: 'x', late: 'skip' }, ...ids('bc')),
      'a',
      'xbc',
    ],
    [
      'two of them in a row are left out together',
      of({ id: 'a' }, { id: 'x', late: 'skip' }, { id: 'y', late: 'skip' }, ...ids('bc')),
      'ab',
      'c',
    ],
    ['a new last one comes to everyone', of(...ids('ab'), { id: 'x', late: 'skip' }), 'ab', 'x'],
    ['nothing, when all have come', of(...ids('ab')), 'ba', ''],
  ])('%s', (_, one, has, expected) => {
    expect(ahead(one, has)).toBe(expected)
  })
})

/** Any number of edits, in any order. */
const edits = fc.array(edit, { maxLength: 6 })

let made = 0
function edited(from: Course, all: readonly LessonEdit[]): Course {
  const lessons = [...from.lessons]
  for (const edit of all) {
    if (edit.do === 'add') {
      const id = `new-${made++}`
      lessons.splice(edit.at % (lessons.length + 1), 0, {
        ...lesson(1),
        id,
        name: id,
        subject: id,
        html: id,
        late: edit.late,
      })
    } else if (lessons.length === 0) continue
    else if (edit.do === 'remove') lessons.splice(edit.at % lessons.length, 1)
    else if (edit.do === 'move') {
      const [one] = lessons.splice(edit.from % lessons.length, 1)
      if (one) lessons.splice(edit.to % (lessons.length + 1), 0, one)
    } else {
      const index = edit.at % lessons.length
      const one = lessons[index]
      const anew =
        edit.do === 'rename' ? { name: `${one?.name}-again` } : { html: `<p>${made++}</p>` }
      if (one) lessons[index] = { ...one, ...anew } // renamed as with aliases: [its first name]
    }
  }
  return { ...from, lessons: lessons.map((one, index) => ({ ...one, day: index + 1 })) }
}

const RUNS = { numRuns: 2_000 }

describe('however a course changes under a reader', () => {
  /** Mornings and edits, mixed: a morning takes the next lesson. */
  const lives = fc.array(fc.oneof(fc.constant('morning' as const), edits), { maxLength: 30 })

  it('nobody gets a lesson twice, nor misses one of the final course except with late: skip', () => {
    fc.assert(
      fc.property(lives, (life) => {
        let now = course(8)
        const came: string[] = []
        for (const turn of life) {
          if (turn !== 'morning') now = edited(now, turn)
          else
            came.push(
              ...lessonsAhead(now, came)
                .slice(0, 1)
                .map(({ id }) => id),
            )
        }
        for (const _ of now.lessons)
          came.push(
            ...lessonsAhead(now, came)
              .slice(0, 1)
              .map(({ id }) => id),
          )
        expect(new Set(came).size).toBe(came.length)
        const missed = now.lessons.filter(({ id }) => !came.includes(id))
        expect(missed.filter(({ late }) => late === 'send')).toEqual([])
      }),
      RUNS,
    )
  })

  it('readers who have had nothing yet get the new order', () => {
    fc.assert(
      fc.property(edits, (all) => {
        const now = edited(course(8), all)
        expect(lessonsAhead(now, [])).toEqual(now.lessons)
      }),
      RUNS,
    )
  })

  it('what is reported comes true for every group of readers', () => {
    const groups = fc.array(
      fc.record({ days: fc.nat(8), count: fc.integer({ min: 1, max: 99 }) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    fc.assert(
      fc.property(edits, groups, (all, sizes) => {
        const from = course(8)
        const now = edited(from, all)
        const readers = sizes.map(({ days, count }): ReaderGroup => ({ had: had(days), count }))
        const change = changeOf(from, now, readers, TODAY) as CourseChange
        const sum = (told: readonly { readers: number }[]) =>
          told.reduce((all, { readers }) => all + readers, 0)
        const moved = readers.filter(
          (one) => lessonsAhead(from, one.had)[0]?.id !== lessonsAhead(now, one.had)[0]?.id,
        )
        expect(sum(change.next)).toBe(moved.reduce((all, { count }) => all + count, 0))
        const lost = readers.flatMap((one) =>
          lessonsAhead(from, one.had)
            .filter(({ id }) => !now.lessons.some((left) => left.id === id))
            .map(() => ({ readers: one.count })),
        )
        expect(sum(change.never)).toBe(sum(lost))
        const spared = readers.flatMap((one) => {
          const coming = lessonsAhead(now, one.had)
          return now.lessons
            .filter((left) => !one.had.includes(left.id) && !coming.includes(left))
            .map(() => ({ readers: one.count }))
        })
        expect(sum(change.spared)).toBe(sum(spared))
        expect(change.twice).toEqual([])
        expect(isHarmful(change)).toBe(change.never.length > 0)
      }),
      RUNS,
    )
  })
})

describe('a change', () => {
  const readers: ReaderGroup[] = [
    { had: [], count: 5 },
    { had: ['a', 'b'], count: 3 },
    { had: ['a', 'b', 'c', 'd'], count: 2 },
  ]
  const from = of(...ids('abcd'))
  const told = (to: Course) => {
    const change = changeOf(from, to, readers, TODAY) as CourseChange
    const counted = (['late', 'spared', 'never'] as const).flatMap((what) =>
      change[what].map((one) => `${what} ${one.lesson.id}, ${one.readers} readers`),
    )
    return [
      ...(['added', 'gone', 'rewritten'] as const).flatMap((what) =>
        change[what].map(({ id }) => `${what} ${id}`),
      ),
      ...change.moved.map((one) => `moved ${one.lesson.id}, from ${one.from}`),
      ...change.renamed.map((one) => `renamed ${one.from} to ${one.lesson.name}`),
      ...counted,
      ...change.twice.map((one) => `twice ${one.lesson.id}, as ${one.as}, ${one.readers} readers`),
      ...change.next.map((one) => `${one.readers}: ${one.to?.id} instead of ${one.from?.id}`),
    ]
  }

  it.each([
    ['nothing', from, []],
    [
      'a lesson moved to the front',
      of(...ids('dabc')),
      ['moved d, from 4', 'late d, 3 readers', '5: d instead of a', '3: d instead of c'],
    ],
    ['two that change places', of(...ids('abdc')), ['moved c, from 3', '3: d instead of c']],
    [
      'a lesson added',
      of(...ids('axbcd')),
      ['added x', 'late x, 5 readers', '3: x instead of c', '2: x instead of undefined'],
    ],
    [
      'a lesson added that spares those who are past it',
      of({ id: 'a' }, { id: 'x', late: 'skip' }, ...ids('bcd')),
      ['added x', 'spared x, 5 readers'],
    ],
    [
      'a lesson taken out',
      of(...ids('abd')),
      ['gone c', 'never c, 8 readers', '3: d instead of c'],
    ],
    [
      'a file renamed with an alias',
      of(...ids('ab'), { id: 'c', name: 'sea' }, { id: 'd' }),
      ['renamed c to sea'],
    ],
    [
      'a file renamed without',
      of({ id: 'a' }, { id: 'z', subject: 'About b', html: '<p>b</p>' }, ...ids('cd')),
      [
        'added z',
        'gone b',
        'twice z, as b, 5 readers',
        '3: z instead of c',
        '2: z instead of undefined',
      ],
    ],
    [
      'a lesson rewritten',
      of(...ids('ab'), { id: 'c', html: '<p>New.</p>' }, { id: 'd' }),
      ['rewritten c'],
    ],
  ])('%s', (_, to, expected) => {
    expect(told(to)).toEqual(expected)
  })

  it('is harmful when a course becomes a daily under its readers', () => {
    expect(isHarmful(changeOf(from, daily(3), readers, TODAY))).toBe(true)
    expect(isHarmful(changeOf(from, daily(3), [], TODAY))).toBe(false)
  })

  it('of a letter’s gap is reported and never harmful', () => {
    const change = changeOf(newsletter(), newsletter(7), readers, TODAY)
    expect(change).toEqual({ kind: 'letter', gap: { from: 1, to: 7 }, readers: 10 })
    expect(isHarmful(change)).toBe(false)
    expect(changeOf(newsletter(7), newsletter(7), [], TODAY)).toMatchObject({ gap: null })
    expect(isHarmful(changeOf(newsletter(), daily(3), readers, TODAY))).toBe(true)
  })

  it('of a daily is harmful when a text of the past month comes again', () => {
    const old = daily(366)
    const shifted = {
      ...old,
      inspirations: [...old.inspirations.slice(-3), ...old.inspirations.slice(0, -3)],
    }
    const change = changeOf(old, shifted, readers, TODAY)
    expect(change).toMatchObject({ kind: 'daily', dates: 30, readers: 10 })
    // 20 March is the 80th day of the numbered year: with three texts before them, 78 to 80 come
    // again.
    expect(change).toMatchObject({ again: ['Text 78', 'Text 79', 'Text 80'] })
    expect(isHarmful(change)).toBe(true)
    expect(isHarmful(changeOf(old, shifted, [], TODAY))).toBe(false)
    const mended = {
      ...old,
      inspirations: old.inspirations.with(85, { title: 'Anew', html: '<p>Anew.</p>' }),
    }
    expect(changeOf(old, mended, readers, TODAY)).toMatchObject({ dates: 1, again: [] })
  })
})
