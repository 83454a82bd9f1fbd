/** What a link in a mail opens: leaving, and changing one's mornings. No login, no cookie; GET changes nothing. */
import { type Context, Hono } from 'hono'
import type { App } from '../app.ts'
import { masked } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { readRhythm } from '../domain/rhythm.ts'
import { networkOf } from './client.ts'
import { formOf, rhythmValues } from './enroll-form.ts'
import type { Pages } from './pages.ts'
import { STATUS } from './problems.ts'
import { FORM_BYTES, FORM_LIMIT, inWords, rhythmFields } from './public.ts'

type Person = NonNullable<Awaited<ReturnType<App['standingBy']>>>

export function personalPages(app: App, pages: Pages) {
  return new Hono()
    .get('/unsubscribe/:token', async (c) => {
      const enrollmentId = app.links.read('unsubscribe', c.req.param('token'), app.now())
      const person = await app.standingBy(enrollmentId)
      const ofMail = person && standingFor(person, enrollmentId)
      if (!person) return c.html(pages('unsubscribed', { title: null, everything: false }))
      if (!ofMail) {
        const title = person.enrolledIn(enrollmentId) ?? 'it'
        return c.html(
          pages('unsubscribe', { address: masked(person.address), title, left: false, others: [] }),
        )
      }
      return c.html(pages('unsubscribe', { address: masked(person.address), ...leaving(ofMail, person) }))
    })
    .post('/unsubscribe/:token', async (c) => {
      const enrollmentId = app.links.read('unsubscribe', c.req.param('token'), app.now())
      const body = await anyForm(c)
      const scope = body.scope === 'everything' ? 'everything' : 'series'
      const person = await app.standingBy(enrollmentId)
      await app.unsubscribe(enrollmentId, scope, {
        wording: body['List-Unsubscribe'] ? 'one click (RFC 8058)' : `leave: ${scope}`,
        source: `${app.siteUrl}/unsubscribe`,
        network: networkOf(c, app.config.http.trustProxy),
      })
      if (body['List-Unsubscribe']) return c.text('Unsubscribed.')
      const title = (person && standingFor(person, enrollmentId)?.series.title) ?? null
      return c.html(pages('unsubscribed', { title, everything: scope === 'everything' }))
    })
    .get('/preferences/:token', async (c) => {
      const { person } = await open(app, c.req.param('token'))
      return c.html(pages('preferences', preferencesPage(app, person)))
    })
    .post('/preferences/:token', FORM_LIMIT, async (c) => {
      const { person } = await open(app, c.req.param('token'))
      const body = await formOf(c)
      const standing = person.standings.find(
        ({ id, status }) => id === body.enrollment && status === 'active',
      )
      if (!standing) throw new Problem('not_found', 'This series has ended; there is nothing to change.')
      const values = rhythmValues(body)
      const read = readRhythm(values)
      if ('fields' in read) {
        const page = preferencesPage(app, person, { id: standing.id, values, faults: read.fields })
        return c.html(pages('preferences', page), STATUS.invalid)
      }
      await app.setRhythm(standing.id, read.rhythm)
      const { person: changed } = await open(app, c.req.param('token'))
      return c.html(pages('preferences', preferencesPage(app, changed, { id: standing.id, saved: true })))
    })
}

const standingFor = ({ standings, enrolledIn }: Person, enrollmentId: string) =>
  standings.find(({ series }) => series.slug === enrolledIn(enrollmentId))

/** A provider's one-click POST counts whatever its body looks like, and however large it is (A5, A6, A9). */
async function anyForm(c: Context): Promise<Record<string, unknown>> {
  const length = Number(c.req.header('content-length') ?? 0)
  return length <= FORM_BYTES ? formOf(c).catch(() => ({})) : {}
}

const isOpen = ({ status }: Person['standings'][number]) => status === 'active' || status === 'pending'

function leaving(ofMail: Person['standings'][number], person: Person) {
  const others = person.standings.filter((one) => isOpen(one) && one.series.slug !== ofMail.series.slug)
  return {
    title: ofMail.series.title,
    left: !isOpen(ofMail),
    others: others.map(({ series }) => series.title),
  }
}

async function open(app: App, token: string) {
  const person = await app.standingBy(app.links.read('preferences', token, app.now()))
  if (!person) throw new Problem('expired', 'We no longer know this subscription; nothing more will be sent.')
  return { person }
}

interface Change {
  readonly id: string
  readonly values?: ReturnType<typeof rhythmValues>
  readonly faults?: Readonly<Record<string, string>>
  readonly saved?: true
}

function preferencesPage(app: App, person: Person, change?: Change) {
  const standings = person.standings.map((standing) => {
    const { id, rhythm, status } = standing
    const changed = change?.id === id ? change : undefined
    const present = { time: rhythm.time, zone: rhythm.zone, weekdays: rhythm.weekdays.map(String) }
    return {
      ...inWords(standing),
      active: status === 'active',
      unsubscribeUrl: `/unsubscribe/${app.links.token('unsubscribe', id, app.now())}`,
      rhythm: rhythmFields(changed?.values ?? present, app.now()),
      faults: { time: '', zone: '', weekdays: '', ...changed?.faults },
      focus: Object.keys(changed?.faults ?? {})[0] ?? '',
      saved: changed?.saved ?? false,
    }
  })
  return { address: masked(person.address), standings }
}
