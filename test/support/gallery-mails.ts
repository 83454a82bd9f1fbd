/** Every kind of mail, in the order in which a reader gets them. */
import { fileURLToPath } from 'node:url'
import { loadCourses } from '../../src/content/courses.ts'
import type { Course, Daily, Letter, Newsletter } from '../../src/domain/course.ts'
import { english, openLocales } from '../../src/locales/locale.ts'
import { answered, commentMailIn } from '../../src/mail/check/samples.ts'
import type { Content, Reader } from '../../src/mail/edition.ts'
import type { CommentMail } from '../../src/mail/render/comment-mail.ts'

const series = await loadCourses(fileURLToPath(new URL('../../courses', import.meta.url)))
const seriesOf = <T>(slug: string) => series.find((one) => one.slug === slug) as T
const course = seriesOf<Course>('inner-wisdom')
const weekdays = seriesOf<Course>('looking-closely')
const daily = seriesOf<Daily>('daily-inspiration')
const newsletter = seriesOf<Newsletter>('reading-letter')

const lesson = (of: Course, day: number, more: object = {}): Content => ({
  kind: 'lesson',
  series: of,
  lesson: of.lessons[day - 1] as Course['lessons'][number],
  companion: null,
  ...more,
})
const inspiration = daily.inspirations[79] as Daily['inspirations'][number]

const articles = [
  ['the-inner-weather', 'The inner weather', 6],
  ['a-kinder-sentence', 'A kinder sentence', 4],
].map(([slug, title, minutes]) => ({
  slug: String(slug),
  title: String(title),
  minutes: Number(minutes),
  author: daily.author,
  summary: daily.summary,
  date: Temporal.PlainDate.from('2027-03-19'),
}))

/** Mails about comments, which belong to no series. */
export const GALLERY_COMMENT_MAILS: readonly [name: string, words: string, mail: CommentMail][] = [
  ['moderation', 'To a moderator', commentMailIn('moderation', english)],
  ['answers', 'Answers to comments, by themselves', commentMailIn('answers', english)],
]

export const GALLERY_MAILS: readonly [
  name: string,
  words: string,
  content: Content,
  reader?: Partial<Reader>,
][] = [
  ['confirm', 'Please confirm', { kind: 'confirm', series: course }],
  ['welcome', 'Welcome', { kind: 'welcome', series: course, letter: course.welcome }],
  ['lesson', 'A lesson', lesson(course, 7)],
  [
    'lesson-with-inspiration',
    'A lesson that takes the inspiration along',
    lesson(course, 8, { companion: { series: daily, inspiration } }),
  ],
  [
    'lesson-with-answers',
    'A lesson that tells of answers to comments',
    lesson(course, 10),
    { answers: answered(course, openLocales()) },
  ],
  ['inspiration', 'An inspiration by itself', { kind: 'inspiration', series: daily, inspiration }],
  ['letter', 'What is new in the reading room', { kind: 'letter', series: newsletter, articles }],
  ['after-a-pause', 'A pause has ended', lesson(course, 9, { afterPause: true })],
  [
    'completion',
    'The end',
    { kind: 'completion', series: course, letter: course.completion as Letter },
  ],
  ['other-look', 'A lesson of a course with a look of its own', lesson(weekdays, 1)],
  [
    'other-look-end',
    'The end of that course',
    { kind: 'completion', series: weekdays, letter: weekdays.completion as Letter },
  ],
  ['change', 'To a new address', { kind: 'change', series: course }],
  ['changed', 'To the old one', { kind: 'changed', series: course }],
  ['link', 'A new link', { kind: 'link', series: course }],
  ['export', 'Your data', { kind: 'export', series: course }],
  ['erase', 'Delete your data', { kind: 'erase', series: course }],
  ['sign-in', 'Sign in', { kind: 'sign-in', series: course }],
]
