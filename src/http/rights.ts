/** What somebody has a right to: to see all that is known of them, and to have it erased. GET changes nothing. */
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { masked } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { dateIn } from '../domain/time.ts'
import { rhythmInWords } from '../domain/words.ts'
import { lostLink } from './fresh-link.ts'
import type { Pages } from './pages.ts'
import { dateWords } from './when.ts'

type Exported = Awaited<ReturnType<App['exportData']>>

const JSON_FILE = '.json'

export function rightsPages(app: App, pages: Pages) {
  return new Hono()
    .onError(lostLink(app, pages))
    .get('/data/:file', async (c) => {
      const file = c.req.param('file')
      const isJson = file.endsWith(JSON_FILE)
      const token = isJson ? file.slice(0, -JSON_FILE.length) : file
      const all = await app.shownData((await app.follow('data', token)).id)
      c.header('X-Robots-Tag', 'noindex')
      if (!isJson) return c.html(pages('data', { ...dataPage(all), json: `/data/${token}${JSON_FILE}` }))
      c.header('Content-Disposition', 'attachment; filename="my-data.json"')
      return c.body(`${JSON.stringify(all, null, 2)}\n`, 200, { 'Content-Type': 'application/json' })
    })
    .get('/erase/:token', async (c) => {
      const { id } = await app.follow('erase', c.req.param('token'))
      await app.mayOpen(id)
      const person = await app.standingOf(id)
      if (!person)
        throw new Problem('expired', 'We know nothing of you any more; there is nothing left to erase.')
      return c.html(pages('erase', { address: masked(person.address) }))
    })
    .post('/erase/:token', async (c) => {
      const { id } = await app.follow('erase', c.req.param('token'))
      await app.mayOpen(id)
      await app.erase(id)
      return c.redirect('/erased', 303)
    })
    .get('/erased', (c) => {
      c.header('X-Robots-Tag', 'noindex')
      return c.html(pages('erased', {}))
    })
}

function dataPage({ person, enrollments, suppressions }: Exported) {
  const day = (at: Temporal.Instant, zone: string) => dateWords(dateIn(zone, at))
  return {
    ...{ address: person.address, firstName: person.firstName, since: day(person.since, 'UTC') },
    enrollments: enrollments.map(({ title, status, rhythm, askedAt, confirmedAt, ...one }) => ({
      ...{ title, status: STATUS[status], practices: one.practices.length },
      rhythm: rhythmInWords(rhythm),
      asked: day(askedAt, rhythm.zone),
      confirmed: confirmedAt && day(confirmedAt, rhythm.zone),
      consents: one.consents.map(({ event, wording, source, network, at }) => ({
        ...{ event: EVENT[event], wording, source, network, on: day(at, rhythm.zone) },
      })),
      mails: one.mails.map(({ kind, day: number, date, status: state, readAt }) => ({
        ...{ on: dateWords(date), what: number ? `${kind}, day ${number}` : kind, state, readAt },
      })),
    })),
    kept: suppressions.map(({ reason }) => reason),
  }
}

const STATUS = {
  pending: 'waits to be confirmed',
  active: 'under way',
  completed: 'completed',
  left: 'left',
  stopped: 'stopped, since mail could not be delivered',
  restarted: 'begun again later',
} as const
const EVENT = { asked: 'You asked', confirmed: 'You confirmed', withdrawn: 'You left' } as const
