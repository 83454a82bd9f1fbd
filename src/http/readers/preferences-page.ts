/** The preferences page of a reader: where they are, what comes, and what they can do. */

import { maskedAddress } from '../../domain/address.ts'
import { countsClicks, ownFieldsOf, type Series, type Unit, unitOf } from '../../domain/course.ts'
import type { FieldFaults } from '../../domain/problem.ts'
import { MAX_PAUSE_DAYS } from '../../domain/rhythm.ts'
import { dateIn } from '../../domain/time.ts'
import { timeInWords } from '../../domain/words.ts'
import type { Key, Locale } from '../../locales/locale.ts'
import { keyForUnit } from '../../locales/numbered.ts'
import { type Localized, languageName } from '../shared/language.ts'
import { localizedFields, localizedMessage } from '../shared/problems.ts'
import type { Overview, Person, ReaderSite } from '../shared/site.ts'
import { dateWords, dayWords, momentWords, shortDay } from '../shared/when.ts'
import {
  type Body,
  pauseValues,
  personValues,
  preferenceValues,
  presentValues,
} from './controls.ts'
import { ownFieldViews, ownValues, valuesOf } from './own-fields.ts'
import { rhythmFields } from './public.ts'
import { refusedWords } from './refused-address.ts'
import { pauseWords, scheduleWords, undoForm } from './saved.ts'

type Upcoming = NonNullable<Awaited<ReturnType<ReaderSite['reader']['upcoming']>>>

/** The result of the control used last. */
export interface ControlOutcome {
  readonly done?: { readonly name: string; readonly of: string }
  /** The requested address, and the link for changing it. */
  readonly check?: { readonly email: string; readonly url: string } | null
  /** The form that undoes it. */
  readonly undo?: Body | null
  readonly problem?: {
    readonly of: string
    readonly name: string
    readonly body: Body
    readonly fields: FieldFaults
  }
}

/** Confirmation shown after each control. */
const DONE_KEYS: ReadonlyMap<string, Key> = new Map(
  Object.entries({
    answers: 'page.preferences.done-saved',
    clicks: 'page.preferences.done-saved',
    'no-clicks': 'page.preferences.done-saved',
    pause: 'page.preferences.done-paused',
    // Only if the pause is already over.
    'pause-until': 'page.preferences.done-saved',
    resume: 'page.preferences.done-resumed',
    now: 'page.preferences.done-now',
    again: 'page.preferences.done-again',
    skip: 'page.preferences.done-skipped',
    'undo-skip': 'page.preferences.done-skip-undone',
    restart: 'page.preferences.done-restarted',
    'go-on': 'page.preferences.done-enrolled',
    name: 'page.preferences.done-saved',
    language: 'page.preferences.done-saved',
    export: 'page.preferences.done-export',
    erase: 'page.preferences.done-erase',
    address: 'page.preferences.done-address',
  } satisfies Record<string, Key>),
)

/** Confirms a control of a series, with the date or time as it was understood. */
function confirmationOf(
  name: string,
  overview: Overview,
  ahead: Upcoming | null,
  locale: Locale,
): string {
  if (name === 'rhythm') return scheduleWords(overview, locale)
  const until = name === 'pause-until' ? pauseWords(ahead?.pause, locale) : null
  return until ?? doneWords(name, overview.series, locale)
}

function doneWords(name: string, of: Series | undefined, locale: Locale): string {
  const key = DONE_KEYS.get(name)
  return key ? locale.t(keyForUnit(unitOf(of), key)) : ''
}

const ENDED_KEYS = {
  active: null,
  pending: 'page.preferences.pending',
  completed: 'page.preferences.completed',
  left: 'page.preferences.left',
  stopped: 'page.preferences.stopped',
  restarted: null,
} as const satisfies Record<Overview['status'], Key | null>

/** Returns why a series sends nothing; empty if it does. */
export function endedWords({ status }: Overview, locale: Locale): string {
  const key = ENDED_KEYS[status]
  return key ? locale.t(key) : ''
}

/** The series of the mail whose link was followed comes first, with its rhythm open for editing. */
export async function preferencesPage(
  app: Localized<ReaderSite>,
  { person, followed }: { readonly person: Person; readonly followed: string },
  outcome: ControlOutcome,
) {
  const ownSeries = person.enrolledIn(followed)
  const inOrder = person.overviews.toSorted(
    (a, b) => Number(b.series.slug === ownSeries) - Number(a.series.slug === ownSeries),
  )
  const overviews = await Promise.all(
    inOrder.map(async (overview) => ({
      ...(await card(app, { ...overview, epoch: person.epoch }, outcome)),
      followed: overview.series.slug === ownSeries,
    })),
  )
  const ofPage = outcome.problem?.of === 'page' ? outcome.problem.fields.control : undefined
  const problem = ofPage ? localizedMessage(ofPage, app.locale) : ''
  return {
    address: maskedAddress(person.address),
    refused: person.refused && refusedWords(person.refused, app.locale),
    overviews,
    you: { ...personCard(person, outcome, app.locale), languages: languageChoice(person, app) },
    problem,
  }
}

/** Languages a reader can choose from; empty if the site has only one. */
function languageChoice({ language }: Person, { languages, locale }: Localized<ReaderSite>) {
  if (languages.length < 2) return []
  const present = language ?? locale.language
  return [...new Set([present, ...languages])].map((tag) => ({
    tag,
    name: languageName(tag),
    chosen: tag === present,
  }))
}

function personCard(
  { firstName, address, newUntil }: Person,
  { done, problem, check = null }: ControlOutcome,
  locale: Locale,
) {
  const ownProblem = problem?.of === 'you' ? problem : undefined
  const values = ownProblem ? personValues(ownProblem.body) : { name: firstName, email: '' }
  return {
    name: ownProblem?.name === 'name' ? values.name : firstName,
    email: ownProblem?.name === 'address' ? values.email : (check?.email ?? ''),
    moving: ownProblem?.name === 'address' || check !== null,
    check: done?.name === 'address' ? check : null,
    address: maskedAddress(address),
    faults: {
      name: '',
      email: '',
      right: '',
      control: '',
      ...localizedFields(ownProblem?.fields ?? {}, locale),
    },
    // In UTC: their series may have different time zones.
    dataAfter: newUntil && dateWords(dateIn('UTC', newUntil), locale),
    done: done?.of === 'you' ? doneWords(done.name, undefined, locale) : '',
  }
}

async function card(
  app: Localized<ReaderSite>,
  overview: Overview & { readonly epoch: number },
  { done, problem, undo }: ControlOutcome,
) {
  const { id, series, rhythm, status, epoch, fields: answers } = overview
  const target = { id, epoch }
  const ownFields = ownFieldsOf(series)
  const ownProblem = problem?.of === id ? problem : undefined
  const ofRhythm =
    ownProblem?.name === 'rhythm' ? preferenceValues(ownProblem.body) : presentValues(rhythm)
  const today = dateIn(rhythm.zone, app.now())
  const ahead = status === 'active' ? await app.reader.upcoming(id) : null
  const isOwn = done?.of === series.slug
  return {
    id,
    faults: { control: '', ...NO_FAULTS, ...localizedFields(ownProblem?.fields ?? {}, app.locale) },
    title: series.title,
    language: series.language,
    slug: series.slug,
    changing: ownProblem?.name === 'rhythm',
    answering: ownProblem?.name === 'answers',
    own: ownFieldViews(ownFields, {
      values:
        ownProblem?.name === 'answers'
          ? ownValues(ownFields, ownProblem.body)
          : valuesOf(ownFields, answers),
      faults: ownProblem?.fields ?? {},
      key: id,
      before: answers,
      locale: app.locale,
    }),
    clicks: (countsClicks(series) || overview.agreesToClicks) && {
      agrees: overview.agreesToClicks,
    },
    pausing: ownProblem?.name === 'pause-until',
    done: isOwn ? confirmationOf(done.name, overview, ahead, app.locale) : '',
    undo: isOwn && undo && status === 'active' ? undoForm(undo) : null,
    ended: endedWords(overview, app.locale),
    course: series.kind === 'course',
    letter: series.kind === 'letter',
    completed: status === 'completed' && series.kind === 'course',
    pending: status === 'pending',
    unsubscribeUrl: `/unsubscribe/${app.links.token('unsubscribe', target)}`,
    unit: unitOf(series),
    daysUrl: `/days/${app.links.token('days', target)}`,
    rhythm: rhythmFields(ofRhythm, app),
    rest: { everyOther: ofRhythm.pace === '2', from: ofRhythm.quietFrom, to: ofRhythm.quietTo },
    until: ownProblem ? pauseValues(ownProblem.body).until : String(ahead?.pause?.until ?? ''),
    dates: {
      today: String(today),
      tomorrow: String(today.add({ days: 1 })),
      last: String(today.add({ days: MAX_PAUSE_DAYS })),
    },
    ahead: ahead && upcomingFields(ahead, { ...overview, today, locale: app.locale }),
  }
}

const NO_FAULTS = { time: '', zone: '', weekdays: '', quietFrom: '', quietTo: '', until: '' }

interface Seen {
  readonly today: Temporal.PlainDate
  readonly locale: Locale
}

interface Drawn extends Seen {
  readonly zone: string
  readonly unit: Unit
  readonly kind: Series['kind']
}

function upcomingFields(ahead: Upcoming, { series, rhythm, today, locale }: Overview & Seen) {
  const { next, day, had, which, skipped, waits, pause, again } = ahead
  const total = series.kind === 'course' ? series.lessons.length : 0
  return {
    day,
    total,
    had,
    which,
    next: next && nextFields(next, momentWords(next.morning.at, rhythm.zone, today, locale)),
    waits,
    paused: pause !== null,
    until: pause?.until ? dayWords(pause.until, locale) : null,
    now: ahead.now,
    skipped: skipped && { ...skipped, on: dayWords(skipped.on, locale) },
    skippable: pause === null && (day !== null || series.kind === 'daily'),
    again: again && { day: again.day, on: dayWords(again.on, locale) },
    days: ahead.days.map((day) =>
      cell(day, { zone: rhythm.zone, unit: unitOf(series), kind: series.kind, today, locale }),
    ),
  }
}

const nextFields = (
  next: NonNullable<Upcoming['next']>,
  moment: ReturnType<typeof momentWords>,
) => ({
  ...moment,
  soon: moment.near !== '',
  what: next.kind === 'completion' ? 'letter' : next.withLesson ? 'with-lesson' : 'mail',
})

/** A day of the calendar: what is drawn, and its text for screen readers. */
function cell({ on, rest, mails }: Upcoming['days'][number], { today, ...drawn }: Drawn) {
  const { locale } = drawn
  const planned = mails.filter(({ kind }) => kind !== 'again')
  const mail = planned.find(({ state }) => state !== 'skipped') ?? planned[0]
  const state = mail?.state ?? (rest ? 'resting' : 'none')
  const said = mails.map((mail) => mailWords(mail, drawn))
  return {
    ...shortDay(on, locale),
    state,
    today: on.equals(today),
    mark: mail ? (mail.day ?? '') : '',
    said: said.join(locale.t('list.separator')) || locale.t(`calendar.${rest ?? 'nothing'}`),
  }
}

type CalendarMail = Upcoming['days'][number]['mails'][number]

function mailWords(mail: CalendarMail, { zone, unit, kind, locale }: Omit<Drawn, 'today'>): string {
  const time = timeInWords(mail.at, zone, locale)
  if (kind === 'letter') return locale.t(`calendar.letter.${mail.state}`, { time })
  const params = {
    what: whatIs(mail),
    day: mail.day ?? '',
    time,
  }
  return locale.t(keyForUnit(unit, `calendar.${mail.state}`), params)
}

function whatIs({ kind, day }: CalendarMail): string {
  if (kind === 'completion') return 'letter'
  const item = kind === 'inspiration' || day === null ? 'inspiration' : 'lesson'
  return kind === 'again' ? `${item}_again` : item
}
