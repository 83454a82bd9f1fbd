/** The unit of all contestants: day 7 of the sample course, for one reader. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadCourses } from '../src/content/courses.ts'
import type { Course } from '../src/domain/course.ts'
import { rawOf } from '../src/mail/mail.ts'
import { compose } from '../src/mail/message/compose.ts'
import { compile } from '../src/mail/render/compile.ts'
import { loadTemplates } from '../src/mail/render/templates.ts'

export const ROOT = fileURLToPath(new URL('../', import.meta.url))
export const DAY = 7

export async function sampleCourse(): Promise<Course> {
  const course = (await loadCourses(`${ROOT}courses`)).find(({ slug }) => slug === 'inner-wisdom')
  if (course?.kind !== 'course') throw new Error('the sample course is missing')
  return course
}

export function sampleLesson(course: Course) {
  const lesson = course.lessons[DAY - 1]
  if (!lesson) throw new Error(`the sample course has no day ${DAY}`)
  return lesson
}

export const LETTERHEAD = {
  siteName: 'Dawnpost',
  siteUrl: 'https://courses.example',
  postalAddress: '1 Test Lane, Testville',
}

export const readerNumber = (n: number) => ({
  address: `reader${n}@example.com`,
  firstName: `Reader ${n}`,
  fields: {},
  enrolledOn: 'November 24, 2026',
  unsubscribeUrl: `https://courses.example/unsubscribe/1.5wv5.AaIN20y8cIq7rp23W_9Ozw.hvbOTLtZu9zFZ9E4nY${n % 10}efg`,
  besideUnsubscribeUrl: '',
  lessonUrl: `https://courses.example/lessons/1.5wv5.AaIN20y8cIq7rp23W_9Ozw.hvbOTLtZu9zFZ9E4nY${n % 10}efg`,
  pauseUrl: `https://courses.example/preferences/1.5wv5.AaIN20y8cIq7rp23W_9Ozw.hvbOTLtZu9zFZ9E4nY${n % 10}efg/pause`,
  nowUrl: `https://courses.example/preferences/1.5wv5.AaIN20y8cIq7rp23W_9Ozw.hvbOTLtZu9zFZ9E4nY${n % 10}efg/now`,
  practiceUrl: `https://courses.example/practice/1.5wv5.AaIN20y8cIq7rp23W_9Ozw.hvbOTLtZu9zFZ9E4nY${n % 10}efg`,
  youDid: '',
  daysUrl: '',
  completionUrl: '',
  dataUrl: '',
  eraseUrl: '',
  signInUrl: '',
  answers: null,
  preferencesUrl: `https://courses.example/preferences/1.5wv5.AaIN20y8cIq7rp23W_9Ozw.hvbOTLtZu9zFZ9E4nY${n % 10}efg`,
  confirmUrl: '',
  asked: '',
  firstMail: '',
  addressUrl: '',
  undoUrl: '',
  otherAddress: '',
})

/** The size of its mail. */
export async function bytesOfLesson(): Promise<number> {
  const series = await sampleCourse()
  const templates = await loadTemplates(join(ROOT, 'templates/mail'))
  const edition = await compile(
    { kind: 'lesson', series, lesson: sampleLesson(series), companion: null },
    templates,
    LETTERHEAD,
  )
  const stamp = {
    messageId: '<0123456789abcdef0123456789abcdef@dawnpost.example>',
    date: Temporal.Now.instant(),
  }
  return rawOf(
    compose(edition, readerNumber(1), stamp, {
      name: 'Dawnpost',
      address: 'morning@dawnpost.example',
    }),
  ).length
}
