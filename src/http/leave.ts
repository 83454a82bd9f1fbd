/** Leaving a series, or everything, by the link of any mail. GET changes nothing. */
import { type Context, Hono } from 'hono'
import type { App } from '../app.ts'
import { masked } from '../domain/address.ts'
import { networkOf } from './client.ts'
import { formOf } from './enroll-form.ts'
import { lostLink } from './fresh-link.ts'
import type { Pages } from './pages.ts'
import { FORM_BYTES } from './public.ts'

type Person = NonNullable<Awaited<ReturnType<App['standingBy']>>>

export function leavePages(app: App, pages: Pages) {
  return new Hono()
    .onError(lostLink(app, pages))
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
