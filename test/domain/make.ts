/** One builder per noun, for tests that need a course and do not care which. */
import type {
  Course,
  Daily,
  Inspiration,
  Lesson,
  Letter,
  Newsletter,
} from '../../src/domain/course.ts'

const letter: Letter = { subject: 'A letter', preheader: 'What it says', html: '<p>Hello.</p>' }
const about = {
  summary: 'A summary.',
  description: '<p>A description.</p>',
  author: 'The editors',
  language: 'en',
  welcome: letter,
}

export const lesson = (day: number): Lesson => ({
  ...letter,
  id: `lesson-${day}`,
  name: `lesson-${day}`,
  late: 'send',
  day,
  subject: `Subject ${day}`,
  practice: { title: 'A practice', minutes: 10, html: '<ol><li>Do it.</li></ol>' },
  practicesWithin: [],
  question: 'What do you hear?',
  carry: 'It is morning.',
})

/** Ids of the first lessons, as a reader's ledger has them. */
export const had = (days: number) =>
  Array.from({ length: days }, (_, index) => lesson(index + 1).id)

export const course = (days: number, title = 'A course'): Course => ({
  ...about,
  kind: 'course',
  slug: 'a-course',
  title,
  parts: [],
  lessons: Array.from({ length: days }, (_, index) => lesson(index + 1)),
  completion: letter,
})

export const inspiration = (number: number): Inspiration => ({
  title: `Text ${number}`,
  html: `<p>${number}</p>`,
})

export const daily = (texts: number, title = 'A daily'): Daily => ({
  ...about,
  kind: 'daily',
  slug: 'a-daily',
  title,
  inspirations: Array.from({ length: texts }, (_, index) => inspiration(index + 1)),
})

export const newsletter = (every?: number): Newsletter => ({
  ...about,
  kind: 'letter',
  slug: 'a-letter',
  title: 'A letter',
  ...(every !== undefined && { every }),
})
