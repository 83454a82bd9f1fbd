/** Editions of the shipped courses in the shipped layouts, and a reader for them. */
import { fileURLToPath } from 'node:url'
import PostalMime from 'postal-mime'
import { loadCourses } from '../../src/content/courses.ts'
import type {
  Course,
  Daily,
  Inspiration,
  Lesson,
  Letter,
  Newsletter,
  Series,
} from '../../src/domain/course.ts'
import type { Content, Edition, News, Reader } from '../../src/mail/edition.ts'
import { rawOf, type Stamp } from '../../src/mail/mail.ts'
import { compose } from '../../src/mail/message/compose.ts'
import { compile } from '../../src/mail/render/compile.ts'
import { loadTemplates } from '../../src/mail/render/templates.ts'
import { openLinks } from '../../src/security/links.ts'
import { openSecrets } from '../../src/security/secrets.ts'

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

export const TEMPLATES = folder('templates/mail')
export const templates = await loadTemplates(TEMPLATES)
export const shipped = await loadCourses(folder('courses'))

const named = <K extends Series['kind']>(kind: K, slug: string) => {
  const found = shipped.find(
    (one): one is Extract<Series, { kind: K }> => one.kind === kind && one.slug === slug,
  )
  if (!found) throw new Error(`no ${kind} ${slug} is shipped`)
  return found
}
export const course: Course = named('course', 'inner-wisdom')
export const daily: Daily = named('daily', 'daily-inspiration')
export const newsletter: Newsletter = named('letter', 'reading-letter')

export const letterhead = {
  siteName: 'Dawnpost',
  siteUrl: 'https://courses.example',
  postalAddress: '1 Test Lane, Testville',
}

export function lessonOf(day: number): Lesson {
  const lesson = course.lessons[day - 1]
  if (!lesson) throw new Error(`there is no day ${day}`)
  return lesson
}

export function inspirationOf(index: number): Inspiration {
  const inspiration = daily.inspirations[index]
  if (!inspiration) throw new Error(`there is no inspiration ${index}`)
  return inspiration
}

/** Articles with these titles, newest first. */
export const newsOf = (...titles: readonly string[]): News =>
  titles.map((title, index) => ({
    slug: `article-${index + 1}`,
    title,
    author: 'The Dawnpost editors',
    date: Temporal.PlainDate.from('2027-03-19').subtract({ days: index }),
    summary: `What ${title} is about.`,
    minutes: index + 4,
  }))

/** One content of each kind. */
export const CONTENTS: readonly Content[] = [
  { kind: 'confirm', series: course },
  { kind: 'welcome', series: course, letter: course.welcome },
  { kind: 'lesson', series: course, lesson: lessonOf(7), companion: null },
  {
    kind: 'lesson',
    series: course,
    lesson: lessonOf(7),
    companion: { series: daily, inspiration: inspirationOf(0) },
  },
  { kind: 'inspiration', series: daily, inspiration: inspirationOf(0) },
  { kind: 'letter', series: newsletter, articles: newsOf('One umbrella', 'Two cups') },
  { kind: 'completion', series: course, letter: course.completion as Letter },
  { kind: 'change', series: course },
  { kind: 'changed', series: course },
  { kind: 'link', series: course },
  { kind: 'export', series: course },
  { kind: 'erase', series: course },
  { kind: 'sign-in', series: course },
]

export const compiled = (content: Content): Promise<Edition> =>
  compile(content, templates, letterhead)

/** Day 7, with some of it replaced. */
export const lessonWith = (changes: Partial<Lesson> = {}, series: Course = course) =>
  compiled({ kind: 'lesson', series, lesson: { ...lessonOf(7), ...changes }, companion: null })

export const NOW = Temporal.Instant.from('2027-03-20T06:00:00Z')
const ENROLLMENT = '01960000-0000-7000-8000-000000000007'
const DAILY_ENROLLMENT = '01960000-0000-7000-8000-000000000008'
const links = openLinks(
  openSecrets(['a key for tests and for nothing else']),
  'https://courses.example',
  () => NOW,
)

export const reader = (changes: Partial<Reader> = {}): Reader => ({
  address: 'ada@example.com',
  firstName: 'Ada',
  fields: {},
  enrolledOn: 'March 19, 2027',
  unsubscribeUrl: links.url('unsubscribe', ENROLLMENT, NOW),
  besideUnsubscribeUrl: links.url('unsubscribe', DAILY_ENROLLMENT, NOW),
  lessonUrl: links.url('lessons', ENROLLMENT, NOW),
  pauseUrl: `${links.url('preferences', ENROLLMENT, NOW)}/pause`,
  nowUrl: `${links.url('preferences', ENROLLMENT, NOW)}/now`,
  practiceUrl: links.url('practice', ENROLLMENT, NOW),
  youDid: 'You received 30 lessons and did 17 practices.',
  daysUrl: links.url('days', ENROLLMENT, NOW),
  completionUrl: `${links.url('preferences', ENROLLMENT, NOW)}/completion`,
  dataUrl: links.url('data', ENROLLMENT, NOW),
  eraseUrl: links.url('erase', ENROLLMENT, NOW),
  preferencesUrl: links.url('preferences', ENROLLMENT, NOW),
  confirmUrl: links.url('confirm', ENROLLMENT, NOW),
  asked: 'Unlocking Your Inner Wisdom & more, every day at 07:00 (Europe/Berlin)',
  firstMail: 'Saturday, March 20, at 07:00 (Europe/Berlin)',
  addressUrl: links.url('address', ENROLLMENT, NOW),
  undoUrl: links.url('undo', ENROLLMENT, NOW),
  signInUrl: `https://courses.example/sign-in/${'a'.repeat(43)}`,
  answers: null,
  otherAddress: 'g…@example.org',
  ...changes,
})

export const STAMP: Stamp = { messageId: '<0123456789abcdef@courses.example>', date: NOW }
export const SENDER = { name: 'Dawnpost', address: 'morning@courses.example' }

/** A composed mail, and what a third-party parser reads from its bytes. */
export async function composed(edition: Edition, changes: Partial<Reader> = {}) {
  const mail = compose(edition, reader(changes), STAMP, SENDER)
  const { html = '', text = '' } = await PostalMime.parse(rawOf(mail))
  return { ...mail, html, text }
}

/** The fields of a message's header, unfolded, in order. */
export function fieldsOf(raw: Buffer): [name: string, value: string][] {
  const [header = ''] = raw.toString('latin1').split('\r\n\r\n')
  return header
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
}

/** First names that try to be more than a name. */
export const HOSTILE_NAMES = [
  ['a script', '<script>alert(1)</script>'],
  ['a slot', '{{firstName}} {{unsubscribeUrl}}'],
  ['a raw slot', '{{{unsubscribeUrl}}}'],
  ['an end of an attribute', '"><b>Ada</b>'],
  ['an image', "<img src=x onerror='alert(1)'>"],
  ['an ampersand', 'Tom & Ann'],
  ['an entity', 'Tom &amp; Ann'],
  ['writing from right to left', 'עדה לאבלייס'],
  ['writing turned around', 'Ada \u202Ecom.example@eve'],
  ['an emoji', 'Ada 👩🏽‍💻🌅'],
  ['a header', 'Ada\r\nBcc: eve@example.com\r\n\r\nHello'],
  ['a bare line feed', 'Ada\nBcc: eve@example.com'],
  ['a bare carriage return', 'Ada\rBcc: eve@example.com'],
  ['a null', 'Ada\u0000Lovelace'],
  ['an address', 'Ada <eve@example.com>, eve'],
  ['a comma and quotes', '"Lovelace, Ada"'],
  ['an encoded word', '=?utf-8?q?Bcc:_eve=40example.com?='],
  ['a mile of letters', 'Ad'.repeat(1_000)],
  ['a mile of dawn', '🌅'.repeat(500)],
] as const
