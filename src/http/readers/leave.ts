/** Leaving a series, or everything, by the link of any mail. GET changes nothing. */

import { Hono } from 'hono'
import { masked } from '../../domain/address.ts'
import { isOngoing } from '../../domain/enrollment.ts'
import type { Locale } from '../../locales/locale.ts'
import { networkOf } from '../shared/client.ts'
import { anyFormOf } from '../shared/form.ts'
import type { Pages } from '../shared/pages.ts'
import type { Overview, Person, ReaderSite } from '../shared/site.ts'
import { lostLink } from './fresh-link.ts'

export function leavePages(app: ReaderSite, pages: Pages) {
  return new Hono()
    .onError(lostLink(app, pages))
    .get('/unsubscribe/:token', async (c) => {
      const { id: enrollmentId, current } = await app.reader.glance(
        'unsubscribe',
        c.req.param('token'),
      )
      const person = await app.reader.overviewBy(enrollmentId)
      const ofMail = person && overviewFor(person, enrollmentId)
      if (!person) return c.html(pages('unsubscribed', { title: null, everything: false }))
      const left = c.req.query('left')
      if (left && !current) return c.html(pages('unsubscribed', { title: null, everything: false }))
      const ended = hasLeft(person, ofMail ?? undefined, left)
      if (ended) return c.html(pages('unsubscribed', ended))
      const title =
        ofMail?.series.title ??
        person.enrolledIn(enrollmentId) ??
        app.locale.t('page.unsubscribe.unnamed')
      // A link that was made void leaves, and tells nothing: neither who, nor what else, nor
      // whether it has ended.
      const seen = {
        address: current ? masked(person.address) : '',
        title,
        left: false,
        others: '',
      }
      return c.html(
        pages('unsubscribe', {
          ...seen,
          ...(current && ofMail && leaving(ofMail, person, app.locale)),
        }),
      )
    })
    .post('/unsubscribe/:token', async (c) => {
      const enrollmentId = app.links.read('unsubscribe', c.req.param('token'))
      const body = anyFormOf(c)
      const scope = body.scope === 'everything' ? 'everything' : 'series'
      const oneClick = body['List-Unsubscribe'] !== undefined
      await app.reader.unsubscribe(enrollmentId, scope, {
        wording: oneClick
          ? app.locale.t('consent.one-click')
          : app.locale.t('consent.left', { scope }),
        source: `${app.siteUrl}/unsubscribe`,
        network: networkOf(c),
      })
      // The button of our page alone says what it is to leave: all else is a provider's and gets no
      // redirect (A7).
      const isButton = !oneClick && body.scope !== undefined
      return isButton ? c.redirect(`${c.req.path}?left=${scope}`, 303) : c.text('Unsubscribed.')
    })
}

const overviewFor = ({ overviews, enrolledIn }: Person, enrollmentId: string) =>
  overviews.find(({ series }) => series.slug === enrolledIn(enrollmentId))

/** What the page says after its button was pressed, as long as it is true. */
function hasLeft(person: Person, ofMail: Overview | undefined, scope: string | undefined) {
  if (scope === 'everything' && !person.overviews.some(goesOn))
    return { title: null, everything: true }
  const left = scope === 'series' && ofMail && !goesOn(ofMail)
  return left ? { title: ofMail.series.title, everything: false } : null
}

const goesOn = ({ status }: Overview) => isOngoing(status)

function leaving(ofMail: Overview, person: Person, locale: Locale) {
  const ongoing = person.overviews.filter(
    (overview) => goesOn(overview) && overview.series.slug !== ofMail.series.slug,
  )
  return {
    title: ofMail.series.title,
    left: !goesOn(ofMail),
    others: ongoing.map(({ series }) => series.title).join(locale.t('list.separator')),
  }
}
