/** The forms of the preferences page: what each sends, and what it does. */

import { z } from 'zod'
import { parseAddress } from '../../domain/address.ts'
import { consentRecordOf, consentWording } from '../../domain/consent.ts'
import { countsClicks, ownFieldsOf } from '../../domain/course.ts'
import { readFirstName } from '../../domain/first-name.ts'
import { readAnswers } from '../../domain/own-fields.ts'
import { type FieldFaults, Problem } from '../../domain/problem.ts'
import {
  MAX_PAUSE_DAYS,
  parseDate,
  type Rhythm,
  readRhythm,
  WEEKDAYS,
} from '../../domain/rhythm.ts'
import { dateIn } from '../../domain/time.ts'
import type { Locale } from '../../locales/locale.ts'
import type { Overview, ReaderSite } from '../shared/site.ts'
import { rhythmValues } from './enroll-form.ts'

export type Body = Readonly<Record<string, unknown>>

export interface ControlRefusal {
  readonly fields: FieldFaults
}

/** The reader whose form it is. */
interface FormOwner {
  readonly subscriber: string
  /** The enrollment whose link was followed. */
  readonly enrollment: string
  /** The epoch of that link. */
  readonly epoch: number
}

type PersonControl = (
  app: ReaderSite,
  owner: FormOwner,
  body: Body,
) => Promise<ControlRefusal | undefined>
type SeriesControl = (
  app: ReaderSite,
  of: Overview,
  asked: { readonly body: Body; readonly network: string; readonly locale: Locale },
) => Promise<ControlRefusal | undefined>

const text = z.string().catch('')
const restShape = z.object({ pace: text, quietFrom: text, quietTo: text })
const pauseShape = z.object({ until: text })
const personShape = z.object({ name: text, email: text, language: text })

/** The values that a rhythm form sent, as text. */
export const preferenceValues = (body: Body) => ({
  ...rhythmValues({ ...body }),
  ...restShape.parse(body),
})
/** The same values for a reader's present rhythm. */
export const presentValues = ({ time, zone, weekdays, everyOther, quiet }: Rhythm) => ({
  time,
  zone,
  weekdays: weekdays.map(String),
  pace: everyOther ? '2' : '',
  quietFrom: quiet ? String(quiet.from) : '',
  quietTo: quiet ? String(quiet.to) : '',
})
export const pauseValues = (body: Body) => pauseShape.parse(body)

export const personValues = (body: Body) => personShape.parse(body)

/** The control that voids the link it was used with. */
export const VOID = 'void'

/** Controls that concern the person, across all their series. */
export const PERSON_CONTROLS: Readonly<Record<string, PersonControl>> = {
  name: async (app, { subscriber }, body) => {
    const read = readFirstName(personValues(body).name)
    if ('fault' in read) return { fields: { name: read.fault } }
    await app.reader.rename(subscriber, read.firstName)
  },
  language: async (app, { subscriber }, body) => {
    const { language } = personValues(body)
    // A language that the site does not offer can only be the present one.
    if (app.languages.includes(language)) await app.reader.setLanguage(subscriber, language)
  },
  export: async (app, { enrollment }) =>
    app.reader.requestRight(enrollment, 'export').then(() => undefined),
  erase: async (app, { enrollment }) =>
    app.reader.requestRight(enrollment, 'erase').then(() => undefined),
  [VOID]: async (app, { enrollment: id, epoch }) =>
    app.reader.voidLinks({ id, epoch }).then(() => undefined),
  address: async (app, { enrollment, epoch }, body) => {
    const read = parseAddress(personValues(body).email)
    if ('fault' in read) return { fields: { email: read.fault } }
    if (!app.visitor.reaches(read.address))
      return { fields: { email: { key: 'form.email.out-of-reach' } } }
    await app.reader.changeAddress(enrollment, read.address, epoch)
  },
}

/** The consent given or withdrawn by the button, in the words of the page. */
const clicksConsent = (
  { siteUrl }: ReaderSite,
  agrees: boolean,
  { network, locale }: Parameters<SeriesControl>[2],
) => {
  const wording = agrees
    ? `${locale.t('page.preferences.clicks-note')} ${locale.t('page.preferences.button-clicks')}`
    : locale.t('page.preferences.button-no-clicks')
  return { ...consentRecordOf(locale, wording), source: `${siteUrl}/preferences`, network }
}

/** Controls of one series. */
export const SERIES_CONTROLS: Readonly<Record<string, SeriesControl>> = {
  rhythm: async (app, { id }, { body }) => {
    const read = readRhythm(preferenceValues(body))
    if ('fields' in read) return read
    await app.reader.setRhythm(id, read.rhythm)
  },
  answers: async (app, { id, series, fields: before }, { body }) => {
    const ownFields = ownFieldsOf(series)
    const read = readAnswers(ownFields, { body, before })
    if ('fields' in read) return read
    const names = ownFields.map(({ name }) => name)
    await app.reader.setFields(id, { names, values: read.values })
  },
  pause: async (app, { id }) => app.reader.pause(id, null).then(() => undefined),
  'pause-until': async (app, { id, rhythm }, { body }) => {
    const until = parseDate(pauseValues(body).until)
    const today = dateIn(rhythm.zone, app.now())
    const days = until ? today.until(until).days : 0
    if (!until || days < 1) return { fields: { until: { key: 'form.until.past' } } }
    if (days > MAX_PAUSE_DAYS) return { fields: { until: { key: 'form.until.too-far' } } }
    await app.reader.pause(id, until)
  },
  clicks: async (app, { id, series }, asked) => {
    if (countsClicks(series))
      await app.reader.agreeToClicks(id, true, clicksConsent(app, true, asked))
  },
  'no-clicks': async (app, { id }, asked) => {
    await app.reader.agreeToClicks(id, false, clicksConsent(app, false, asked))
  },
  resume: async (app, { id }) => app.reader.resume(id).then(() => undefined),
  now: async (app, { id }) => app.reader.sendNow(id).then(() => undefined),
  again: async (app, { id }) => app.reader.sendAgain(id).then(() => undefined),
  skip: async (app, { id }, { body }) =>
    app.reader.skipLesson(id, String(body.which ?? '')).then(() => undefined),
  'undo-skip': async (app, { id }, { body }) =>
    app.reader.undoSkip(id, String(body.which ?? '')).then(() => undefined),
  'go-on': async (app, { id, series }, { body, network }) => {
    const daily = app.series.get(String(body.series))
    // In the language of the page with the button: see quick-action.ts.
    const locale = app.locales.of(series.language)
    if (daily?.kind !== 'daily') throw new Problem('not_found', 'course.daily-unavailable')
    const wording = consentWording([daily], {
      sender: app.letterhead.siteName,
      locale,
      days: WEEKDAYS,
    })
    await app.reader.continueWith(id, daily.slug, {
      ...consentRecordOf(locale, wording),
      source: `${app.siteUrl}/preferences`,
      network,
    })
  },
  // Uses the enrollment that the form names, which makes this idempotent.
  restart: async (app, { series }, { body, network, locale: ofPage }) => {
    // The completion page has the same button, in the course's language.
    const locale = body.said === 'series' ? app.locales.of(series.language) : ofPage
    const consent = {
      ...consentRecordOf(locale, locale.t('page.preferences.button-restart')),
      source: `${app.siteUrl}/preferences`,
      network,
    }
    await app.reader.restart(String(body.enrollment), consent)
  },
}
