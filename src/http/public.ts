/** What anyone may see: the front page, the courses, enrolling and confirming. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { App } from '../app.ts'
import { consentWording } from '../domain/consent.ts'
import type { Course, Series } from '../domain/course.ts'
import { Problem } from '../domain/problem.ts'
import { WEEKDAY_NAMES, weekdaysInWords } from '../domain/rhythm.ts'
import { firstMorning } from '../domain/schedule.ts'
import { HOUR, isBefore, zoneNamed } from '../domain/time.ts'
import { morningInWords } from '../domain/words.ts'
import { networkOf } from './client.ts'
import {
  EMPTY,
  type EnrollValues,
  enrollValues,
  formOf,
  type RhythmValues,
  readEnrollment,
} from './enroll-form.ts'
import type { Pages } from './pages.ts'
import { answer, STATUS } from './problems.ts'
import { zoneGroups } from './zones.ts'

/** Largest form taken, in bytes: a name of 10 kB is answered with a message, a megabyte is not read. */
export const FORM_BYTES = 64 * 1024
export const FORM_LIMIT = bodyLimit({
  maxSize: FORM_BYTES,
  onError: () => {
    throw new Problem('invalid', 'That form was too large. Please go back and shorten what you entered.')
  },
})

export function publicPages(app: App, pages: Pages) {
  const series = [...app.series.values()]
  const today = () => app.now().toZonedDateTimeISO('UTC').toPlainDate()

  return new Hono()
    .get('/', (c) =>
      c.html(
        pages('front', {
          courses: series.filter(isCourse).map(cardOf),
          inspiration: app.inspirationOn(today()),
        }),
      ),
    )
    .get('/courses/:slug', (c) => {
      const one = find(app.series, c.req.param('slug'))
      return c.html(pages('course', coursePage(app, one, EMPTY, {})))
    })
    .post('/courses/:slug', FORM_LIMIT, async (c) => {
      const one = find(app.series, c.req.param('slug'))
      const values = enrollValues(await formOf(c))
      const read = readEnrollment(values)
      if ('fields' in read)
        return c.html(pages('course', coursePage(app, one, values, read.fields)), STATUS.invalid)
      const network = networkOf(c, app.config.http.trustProxy)
      const { address, firstName, rhythm, daily } = read.ok
      try {
        await app.limitEnrollments(network, address.key)
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        const page = coursePage(app, one, values, { form: problem.message })
        return answer(c, problem, pages('course', page))
      }
      const wanted = [one, ...(daily ? dailiesBeside(series, one) : [])]
      const wording = consentWording([one, ...dailiesBeside(series, one)], app.letterhead.siteName)
      const consent = { wording, source: `${app.siteUrl}/courses/${one.slug}`, network }
      const slugs = wanted.map(({ slug }) => slug)
      await app.requestEnrollment({ address, firstName, rhythm, series: slugs, consent })
      return c.redirect('/enrolled', 303)
    })
    .get('/enrolled', (c) => c.html(pages('enrolled', {})))
    .get('/confirm/:token', async (c) => {
      const person = await app.standingOf(app.links.read('confirm', c.req.param('token'), app.now()))
      const pending = person?.standings.filter(({ status }) => status === 'pending') ?? []
      if (pending.length > 0) return c.html(pages('confirm', { pending: pending.map(inWords) }))
      return c.html(pages('confirmed', confirmedPage(person, app.now())))
    })
    .post('/confirm/:token', FORM_LIMIT, async (c) => {
      const subscriberId = app.links.read('confirm', c.req.param('token'), app.now())
      const source = `${app.siteUrl}/confirm`
      const network = networkOf(c, app.config.http.trustProxy)
      await app.confirm(subscriberId, { wording: 'Yes, confirm', source, network })
      const person = await app.standingOf(subscriberId)
      return c.html(pages('confirmed', confirmedPage(person, app.now())))
    })
}

const isCourse = (series: Series): series is Course => series.kind === 'course'

const cardOf = ({ slug, title, summary, lessons, author }: Course) => ({
  ...{ slug, title, summary, author },
  days: lessons.length,
})

function find(series: ReadonlyMap<string, Series>, slug: string): Series {
  const one = series.get(slug)
  if (!one)
    throw new Problem('not_found', 'There is no course at this address. The front page lists all there are.')
  return one
}

const dailiesBeside = (series: readonly Series[], one: Series) =>
  one.kind === 'course' ? series.filter(({ kind }) => kind === 'daily') : []

type Standing = NonNullable<Awaited<ReturnType<App['standingOf']>>>['standings'][number]

/** A series somebody has, as a page tells it. */
export const inWords = ({ series, rhythm, nextAt, nextDay, status, id }: Standing) => ({
  ...{ id, status },
  title: series.title,
  time: rhythm.time,
  zone: rhythm.zone,
  weekdays: weekdaysInWords(rhythm.weekdays),
  day: series.kind === 'course' && nextDay <= series.lessons.length ? nextDay : null,
  days: series.kind === 'course' ? series.lessons.length : null,
  next: nextAt && morningInWords(nextAt, rhythm.zone, series.language),
})

/** What is true now: the link may be opened again while the course is under way. */
function confirmedPage(person: Awaited<ReturnType<App['standingOf']>>, now: Temporal.Instant) {
  const active = person?.standings.filter(({ status }) => status === 'active') ?? []
  if (active.length === 0) {
    throw new Problem(
      'expired',
      'This link has done its work. Enroll again and we will send you a fresh one.',
    )
  }
  const lately = now.subtract({ milliseconds: HOUR })
  const begun = active.every((one) => hasBegun(one, now))
  return {
    active: active.map(inWords),
    ...{ begun, heading: begun ? 'It has begun' : 'Thank you. It begins' },
    welcoming: active.some(({ confirmedAt }) => confirmedAt && isBefore(lately, confirmedAt)),
  }
}

/** Whether the first morning of it is over. */
const hasBegun = ({ rhythm, confirmedAt }: Standing, now: Temporal.Instant) =>
  confirmedAt !== null && !isBefore(now, firstMorning(rhythm, confirmedAt).at)

/** The fields that choose a rhythm, with what was chosen and what is wrong with it. */
export const rhythmFields = (values: RhythmValues, now: Temporal.Instant) => ({
  time: values.time,
  zones: zoneGroups(values.zone, now),
  zoneChosen: zoneNamed(values.zone) !== null,
  weekdays: WEEKDAY_NAMES.map((name, index) => ({
    ...{ name, number: index + 1 },
    chosen: values.weekdays.includes(String(index + 1)),
  })),
})

function coursePage(app: App, one: Series, values: EnrollValues, faults: Readonly<Record<string, string>>) {
  const dailies = dailiesBeside([...app.series.values()], one)
  const [firstDay] = one.kind === 'course' ? one.lessons : []
  return {
    series: one,
    parts: one.kind === 'course' ? one.parts.map((part) => withLessons(part, one)) : [],
    opening: firstDay ? { subject: firstDay.subject, html: opening(firstDay.html) } : null,
    daily: dailies[0] ? { title: dailies[0].title, summary: dailies[0].summary } : null,
    wording: consentWording([one, ...dailies], app.letterhead.siteName),
    values,
    rhythm: rhythmFields(values, app.now()),
    faults: { form: '', email: '', name: '', time: '', zone: '', weekdays: '', ...faults },
    faulty: Object.keys(faults).length > 0,
    focus: Object.keys(faults)[0] ?? '',
  }
}

const withLessons = (part: Course['parts'][number], course: Course) => ({
  ...part,
  lessons: course.lessons.slice(part.from - 1, part.to).map(({ day, subject }) => ({ day, subject })),
})

/** The first two paragraphs. */
const opening = (html: string) => (html.match(/<p>[\s\S]*?<\/p>/g) ?? []).slice(0, 2).join('\n')
