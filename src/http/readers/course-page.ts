import type { Context } from 'hono'
import { anonymousLine, anonymousText } from '../../domain/anonymous-text.ts'
import { consentWording } from '../../domain/consent.ts'
import { type Course, ownFieldsOf, type Series, unitOf } from '../../domain/course.ts'
import { inputNameOf } from '../../domain/own-fields.ts'
import { type FieldFaults, Problem } from '../../domain/problem.ts'
import { offeredDailies, translationsOf } from '../../domain/relations.ts'
import { weekdaysOf } from '../../domain/rhythm.ts'
import { joinableStart, lastJoinDate, startsOf } from '../../domain/starts.ts'
import { dateIn } from '../../domain/time.ts'
import type { Locale, Message } from '../../locales/locale.ts'
import { agedStamp } from '../shared/form-guard.ts'
import { type Localized, useLanguage, versionsOf } from '../shared/language.ts'
import { localizedFields, localizedMessage } from '../shared/problems.ts'
import type { VisitorSite } from '../shared/site.ts'
import { sheetAddress } from '../shared/theme-sheet.ts'
import type { EnrollValues } from './enroll-form.ts'
import { ownFieldViews } from './own-fields.ts'
import { rhythmFields } from './public.ts'

/** A form to be shown: fresh, or given back with what is wrong with it. */
export interface FormState {
  /** The path it is sent to. */
  readonly action: string
  readonly values: EnrollValues
  readonly faults?: FieldFaults
  /** Why it is given back although no field is faulty. */
  readonly notice?: Message
  /** The field to focus if none is faulty. */
  readonly focus?: string
  /** Whether it was given back because proof of work was missing. */
  readonly proof?: boolean
}

/**
 * Returns the consent wording of a series' form: its own, or the short one, which does not ask for
 * days.
 */
export const wordingOf = (
  { series: all, letterhead, locale }: Localized<VisitorSite>,
  series: Series,
  form: 'long' | 'short',
) =>
  consentWording([series, ...offeredDailies(series, all.values())], {
    sender: letterhead.siteName,
    locale,
    days: form === 'short' ? weekdaysOf(series) : null,
  })

/** Returns the data of a series' page. */
export async function coursePage(app: Localized<VisitorSite>, series: Series, form: FormState) {
  const [firstDay] = series.kind === 'course' ? series.lessons : []
  return {
    ...(await formPage(app, series, form)),
    ...versionsOf(series, translationsOf(series, app.series.values()), {
      pathOf: (slug) => `/courses/${slug}`,
      siteUrl: app.siteUrl,
      languages: app.languages,
    }),
    unit: unitOf(series),
    parts: series.kind === 'course' ? series.parts.map((part) => withLessons(part, series)) : [],
    opening: firstDay
      ? {
          name: firstDay.name,
          subject: anonymousLine(firstDay.subject),
          html: opening(anonymousText(firstDay.html)),
        }
      : null,
  }
}

/** Returns the data of a series' form, on its page or in a frame on another site. */
export async function formPage(app: Localized<VisitorSite>, series: Series, form: FormState) {
  const { values, action, faults = {}, notice, focus = '' } = form
  const dailies = offeredDailies(series, app.series.values())
  const given = notice !== undefined || focus !== '' || Object.keys(faults).length > 0
  return {
    series,
    sheet: sheetAddress(series),
    starts: startWords(app, series),
    daily: dailies[0] ? { title: dailies[0].title, summary: dailies[0].summary } : null,
    wording: wordingOf(app, series, 'long'),
    action,
    values,
    notice: notice ? localizedMessage(notice, app.locale) : '',
    stamp: given
      ? agedStamp(series.slug, app.visitor.stamps, app.now())
      : app.visitor.stamps.make(series.slug, app.now()),
    proof: form.proof || (await app.visitor.isProofRequired(series.slug)),
    own: ownFieldViews(ownFieldsOf(series), {
      values: values.own,
      faults,
      key: 'new',
      locale: app.locale,
    }),
    rhythm: rhythmFields(values, app),
    faults: {
      form: '',
      email: '',
      name: '',
      time: '',
      zone: '',
      weekdays: '',
      ...localizedFields(faults, app.locale),
    },
    wrong: fieldsOn(series, app.locale).filter(({ name }) => faults[name]),
    focus,
  }
}

/**
 * When a course with starts next begins, for its form; `closed` is set if no start is left to join.
 */
function startWords({ now, locale }: Localized<VisitorSite>, series: Series) {
  if (series.kind !== 'course' || startsOf(series).length === 0) return { closed: '', words: '' }
  // Somewhere it is still yesterday; the zone, and with it the date, is known once the form is
  // sent.
  const today = dateIn('UTC', now()).subtract({ days: 1 })
  const start = joinableStart(series, today)
  if (!start) return { closed: locale.t('form.enroll.closed', { title: series.title }), words: '' }
  const isPast = Temporal.PlainDate.compare(start, today.add({ days: 1 })) < 0
  const params = {
    on: locale.date(start, 'full'),
    until: locale.date(lastJoinDate(series, start), 'full'),
  }
  return { closed: '', words: locale.t(isPast ? 'form.starts-joining' : 'form.starts', params) }
}

/** The fields that may be faulty, in the order of the form, with their labels and ids. */
const FIELDS = [
  { name: 'email', id: 'email', label: 'form.email.label' },
  { name: 'name', id: 'name', label: 'form.name.label-plain' },
  { name: 'time', id: 'time-new', label: 'form.time.label' },
  { name: 'zone', id: 'zone-new', label: 'form.zone.label' },
  { name: 'weekdays', id: 'weekdays-new', label: 'form.weekdays.label-plain' },
] as const

/** The same with the series' own fields, which follow the name. */
function fieldsOn(series: Series, { t }: Locale) {
  const ownFields = ownFieldsOf(series).map((field) => {
    const name = inputNameOf(field)
    // Used in a list that ends with a period.
    return { name, id: `${name}-new`, label: field.label.replace(/[.:?!？؟。：！]+$/, '') }
  })
  const usualFields: { name: string; id: string; label: string }[] = FIELDS.map((field) => ({
    ...field,
    label: t(field.label),
  }))
  return usualFields.toSpliced(AFTER_NAME, 0, ...ownFields)
}
const AFTER_NAME = FIELDS.findIndex(({ name }) => name === 'name') + 1

const withLessons = (part: Course['parts'][number], course: Course) => ({
  ...part,
  lessons: course.lessons.slice(part.from - 1, part.to).map(({ day, name, subject }) => ({
    day,
    // The first lesson's anchor is at its opening.
    name: day === 1 ? '' : name,
    subject: anonymousLine(subject),
  })),
})

const opening = (html: string) => (html.match(/<p>[\s\S]*?<\/p>/g) ?? []).slice(0, 2).join('\n')

/** Returns the requested series and switches the response to its language. */
export function seriesOf(app: VisitorSite, c: Context): Series {
  const series = app.series.get(c.req.param('slug') ?? '')
  if (!series) throw new Problem('not_found', 'course.not-found')
  useLanguage(c, series, app)
  return series
}
