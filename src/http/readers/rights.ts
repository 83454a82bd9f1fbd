/** Data subject rights: seeing all stored data, and having it erased. GET changes nothing. */

import { type Context, Hono } from 'hono'
import { maskedAddress } from '../../domain/address.ts'
import { articlePath } from '../../domain/article.ts'
import { ownFieldsOf, type Series, type Unit, unitOf } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import { dateIn } from '../../domain/time.ts'
import { rhythmInWords } from '../../domain/words.ts'
import type { Key, Locale } from '../../locales/locale.ts'
import { keyForUnit } from '../../locales/numbered.ts'
import { type Localized, localeOf, useReaderLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import type { ReaderSite } from '../shared/site.ts'
import { dateWords } from '../shared/when.ts'
import { onBrokenLink } from './fresh-link.ts'

type Exported = Awaited<ReturnType<ReaderSite['reader']['exportData']>>

const JSON_FILE = '.json'

export function rightsPages(app: ReaderSite, pages: Pages) {
  /**
   * Returns the person whose data it is and switches to their language; null if nothing is left of
   * them.
   */
  const speakToOwner = async (c: Context, id: string) => {
    const person = await app.reader.overviewOf(id)
    if (person) useReaderLanguage(c, person, app)
    return person
  }

  return new Hono()
    .onError(onBrokenLink(app, pages))
    .get('/data/:file', async (c) => {
      const file = c.req.param('file')
      const isJson = file.endsWith(JSON_FILE)
      const token = isJson ? file.slice(0, -JSON_FILE.length) : file
      const { id } = await app.reader.follow('data', token)
      await speakToOwner(c, id)
      const all = await app.reader.shownData(id)
      c.header('X-Robots-Tag', 'noindex')
      if (!isJson)
        return c.html(
          pages(c, 'data', {
            ...dataPage(all, { ...app, locale: localeOf(c) }),
            json: `/data/${token}${JSON_FILE}`,
          }),
        )
      c.header('Content-Disposition', 'attachment; filename="my-data.json"')
      return c.body(`${JSON.stringify(all, null, 2)}\n`, 200, {
        'Content-Type': 'application/json',
      })
    })
    .get('/erase/:token', async (c) => {
      const { id } = await app.reader.follow('erase', c.req.param('token'))
      const person = await speakToOwner(c, id)
      await app.reader.ensureMayOpen(id)
      if (!person) throw new Problem('expired', 'data.deleted')
      return c.html(pages(c, 'erase', { address: maskedAddress(person.address) }))
    })
    .post('/erase/:token', async (c) => {
      const { id } = await app.reader.follow('erase', c.req.param('token'))
      await app.reader.ensureMayOpen(id)
      await app.reader.erase(id)
      return c.redirect('/erased', 303)
    })
    .get('/erased', (c) => {
      c.header('X-Robots-Tag', 'noindex')
      return c.html(pages(c, 'erased', {}))
    })
}

function dataPage(
  { person, member, mailsKept, enrollments, suppressions, comments, wantsAnswersByMail }: Exported,
  { series: all, articles, locale }: Localized<Pick<ReaderSite, 'series' | 'articles'>>,
) {
  const day = (at: Temporal.Instant, zone: string) => dateWords(dateIn(zone, at), locale)
  return {
    address: person.address,
    firstName: person.firstName,
    since: day(person.since, 'UTC'),
    keptSince: dateWords(mailsKept.inspirationsAndRequestsSince, locale),
    member: member && {
      name: member.name,
      joined: day(member.since, 'UTC'),
      blocked: member.blockedSince && day(member.blockedSince, 'UTC'),
      sessions: member.sessions.length,
    },
    enrollments: enrollments.map(
      ({ title, status, series, pausedSince, rhythm, askedAt, confirmedAt, ...enrollment }) => ({
        title,
        language: enrollment.language ?? locale.language,
        status: locale.t(STATUS_KEYS[pausedSince ? 'paused' : status]),
        practices: enrollment.practices.length,
        rhythm: rhythmInWords(rhythm, locale),
        answers: enrollment.answers.map(({ field, question, answer }) => ({
          question: question ?? field,
          answer: isTick(all.get(series), field) ? locale.t('page.data.answer-yes') : answer,
        })),
        asked: day(askedAt, rhythm.zone),
        confirmed: confirmedAt && day(confirmedAt, rhythm.zone),
        consents: enrollment.consents.map(({ event, wording, language, source, network, at }) => ({
          event,
          wording,
          language,
          source,
          network,
          on: day(at, rhythm.zone),
        })),
        mails: enrollment.mails.map(({ kind, day: number, date, status: state, readAt }) => ({
          on: dateWords(date, locale),
          readAt,
          state: locale.t(STATE[state]),
          what: mailWords(locale.t(KIND[kind]), number, unitOf(all.get(series)), locale),
        })),
      }),
    ),
    comments: comments.map(({ article, text, status, createdAt }) => ({
      title: articles.byId(article)?.title ?? article,
      href: articlePath(articles.byId(article)?.slug ?? article),
      text,
      on: day(createdAt, 'UTC'),
      state: locale.t(`page.data.comment-${status === 'deleted' ? 'rejected' : status}`),
    })),
    wantsAnswers: wantsAnswersByMail,
    kept: suppressions.map(({ reason }) => locale.t(KEPT[reason])).join(locale.t('list.separator')),
  }
}

/** Returns whether the field of an answer is a checkbox. */
const isTick = (series: Series | undefined, name: string) =>
  series !== undefined &&
  ownFieldsOf(series).some((field) => field.name === name && field.type === 'yes/no')

const mailWords = (kind: string, day: number | null, of: Unit, locale: Locale) =>
  day ? locale.t(keyForUnit(of, 'page.data.email-of-day'), { kind, day }) : kind

type ExportedEnrollment = Exported['enrollments'][number]
type ExportedMail = ExportedEnrollment['mails'][number]

const STATUS_KEYS = {
  pending: 'page.data.status-pending',
  active: 'page.data.status-active',
  paused: 'page.data.status-paused',
  completed: 'page.data.status-completed',
  left: 'page.data.status-left',
  stopped: 'page.data.status-stopped',
  restarted: 'page.data.status-restarted',
} as const satisfies Record<ExportedEnrollment['status'] | 'paused', Key>
const KIND = {
  confirm: 'page.data.email-confirm',
  welcome: 'page.data.email-welcome',
  lesson: 'page.data.email-lesson',
  inspiration: 'page.data.email-inspiration',
  letter: 'page.data.email-letter',
  completion: 'page.data.email-completion',
  again: 'page.data.email-again',
  link: 'page.data.email-link',
  change: 'page.data.email-change',
  changed: 'page.data.email-changed',
  export: 'page.data.email-export',
  erase: 'page.data.email-erase',
  'sign-in': 'page.data.email-sign-in',
} as const satisfies Record<ExportedMail['kind'], Key>
const STATE = {
  planned: 'page.data.state-planned',
  retry: 'page.data.state-retry',
  sending: 'page.data.state-sending',
  sent: 'page.data.state-sent',
  merged: 'page.data.state-merged',
  bounced: 'page.data.state-failed',
  refused: 'page.data.state-failed',
  expired: 'page.data.state-expired',
  skipped: 'page.data.state-skipped',
  unknown: 'page.data.state-unknown',
} as const satisfies Record<ExportedMail['status'], Key>
const KEPT = {
  unsubscribe: 'page.data.kept-unsubscribe',
  erased: 'page.data.kept-erased',
  bounce: 'page.data.kept-bounce',
  soft_bounce: 'page.data.kept-soft-bounce',
  provider: 'page.data.kept-provider',
  complaint: 'page.data.kept-complaint',
  manual: 'page.data.kept-manual',
} as const satisfies Record<Exported['suppressions'][number]['reason'], Key>
