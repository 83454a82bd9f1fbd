/**
 * What somebody has a right to: to see all that is known of them, and to have it erased. GET
 * changes nothing.
 */

import { Hono } from 'hono'
import { masked } from '../../domain/address.ts'
import { Problem } from '../../domain/problem.ts'
import { dateIn } from '../../domain/time.ts'
import { rhythmInWords } from '../../domain/words.ts'
import type { Locale } from '../../locales/locale.ts'
import type { Pages } from '../shared/pages.ts'
import type { ReaderSite } from '../shared/site.ts'
import { dateWords } from '../shared/when.ts'
import { lostLink } from './fresh-link.ts'

type Exported = Awaited<ReturnType<ReaderSite['reader']['exportData']>>

const JSON_FILE = '.json'

export function rightsPages(app: ReaderSite, pages: Pages) {
  return new Hono()
    .onError(lostLink(app, pages))
    .get('/data/:file', async (c) => {
      const file = c.req.param('file')
      const isJson = file.endsWith(JSON_FILE)
      const token = isJson ? file.slice(0, -JSON_FILE.length) : file
      const all = await app.reader.shownData((await app.reader.follow('data', token)).id)
      c.header('X-Robots-Tag', 'noindex')
      if (!isJson)
        return c.html(
          pages('data', { ...dataPage(all, app.locale), json: `/data/${token}${JSON_FILE}` }),
        )
      c.header('Content-Disposition', 'attachment; filename="my-data.json"')
      return c.body(`${JSON.stringify(all, null, 2)}\n`, 200, {
        'Content-Type': 'application/json',
      })
    })
    .get('/erase/:token', async (c) => {
      const { id } = await app.reader.follow('erase', c.req.param('token'))
      await app.reader.mayOpen(id)
      const person = await app.reader.overviewOf(id)
      if (!person)
        throw new Problem(
          'expired',
          'Your data has already been deleted, so there is nothing left to delete.',
        )
      return c.html(pages('erase', { address: masked(person.address) }))
    })
    .post('/erase/:token', async (c) => {
      const { id } = await app.reader.follow('erase', c.req.param('token'))
      await app.reader.mayOpen(id)
      await app.reader.erase(id)
      return c.redirect('/erased', 303)
    })
    .get('/erased', (c) => {
      c.header('X-Robots-Tag', 'noindex')
      return c.html(pages('erased', {}))
    })
}

function dataPage({ person, enrollments, suppressions }: Exported, locale: Locale) {
  const day = (at: Temporal.Instant, zone: string) => dateWords(dateIn(zone, at), locale)
  return {
    address: person.address,
    firstName: person.firstName,
    since: day(person.since, 'UTC'),
    enrollments: enrollments.map(
      ({ title, status, pausedSince, rhythm, askedAt, confirmedAt, ...one }) => ({
        title,
        status: STATUS[pausedSince ? 'paused' : status],
        practices: one.practices.length,
        rhythm: rhythmInWords(rhythm, locale),
        asked: day(askedAt, rhythm.zone),
        confirmed: confirmedAt && day(confirmedAt, rhythm.zone),
        consents: one.consents.map(({ event, wording, source, network, at }) => ({
          event: EVENT[event],
          wording,
          source,
          network,
          on: day(at, rhythm.zone),
        })),
        mails: one.mails.map(({ kind, day: number, date, status: state, readAt }) => ({
          on: dateWords(date, locale),
          readAt,
          state: STATE[state],
          what: number ? `${KIND[kind]}, day ${number}` : KIND[kind],
        })),
      }),
    ),
    kept: suppressions.map(({ reason }) => KEPT[reason]),
  }
}

const STATUS = {
  pending: 'Waiting for confirmation',
  active: 'Active',
  paused: 'Paused',
  completed: 'Completed',
  left: 'Unsubscribed',
  stopped: 'Stopped: emails could not be delivered',
  restarted: 'Started again later',
} as const
const EVENT = {
  asked: 'You requested',
  confirmed: 'You confirmed',
  withdrawn: 'You unsubscribed',
} as const
const KIND = {
  confirm: 'Confirmation email',
  welcome: 'Welcome email',
  lesson: 'Lesson',
  inspiration: 'Inspiration',
  completion: 'Closing letter',
  again: 'Sent again',
  link: 'Link to your preferences',
  change: 'Confirmation of a new address',
  changed: 'Notice about your new address',
  export: 'Link to your data',
  erase: 'Link to delete your data',
} as const
const STATE = {
  planned: 'scheduled',
  retry: 'to be tried again',
  sending: 'being sent',
  sent: 'sent',
  merged: 'sent with a lesson',
  bounced: 'could not be delivered',
  refused: 'could not be delivered',
  expired: 'not sent in time',
  skipped: 'skipped',
  unknown: 'may have been sent',
} as const
const KEPT = {
  unsubscribe: 'you unsubscribed',
  erased: 'you deleted your data',
  bounce: 'an email could not be delivered',
  complaint: 'you reported an email as spam',
  manual: 'added by us',
} as const
