/** Leaving a series, or everything, by the link of any mail. GET changes nothing. */

import { type Context, Hono } from 'hono'
import { maskedAddress } from '../../domain/address.ts'
import { consentRecordOf } from '../../domain/consent.ts'
import { isOngoing } from '../../domain/enrollment.ts'
import { english, type Locale } from '../../locales/locale.ts'
import { networkOf } from '../shared/client.ts'
import { formOrEmpty } from '../shared/form.ts'
import { localeOf, useLanguage } from '../shared/language.ts'
import { UNSUBSCRIBED } from '../shared/one-click.ts'
import type { Pages } from '../shared/pages.ts'
import type { Overview, Person, ReaderSite } from '../shared/site.ts'
import { onBrokenLink } from './fresh-link.ts'

export function leavePages(app: ReaderSite, pages: Pages) {
  /** The wording of our page's button, in the language of the page. */
  const agreedOnPage = async (c: Context, enrollmentId: string, scope: Scope) => {
    const person = await app.reader.overviewBy(enrollmentId)
    const about = person && overviewFor(person, enrollmentId)
    if (about) useLanguage(c, about.series, app)
    return consentRecordOf(localeOf(c), localeOf(c).t('consent.left', { scope }))
  }

  return new Hono()
    .onError(onBrokenLink(app, pages))
    .get('/unsubscribe/:token', async (c) => {
      const { id: enrollmentId, current } = await app.reader.glance(
        'unsubscribe',
        c.req.param('token'),
      )
      const person = await app.reader.overviewBy(enrollmentId)
      const ofMail = person && overviewFor(person, enrollmentId)
      if (ofMail) useLanguage(c, ofMail.series, app)
      if (!person) return c.html(pages(c, 'unsubscribed', LEFT))
      const left = c.req.query('left')
      if (left && !current) return c.html(pages(c, 'unsubscribed', LEFT))
      const ended = leftPage(person, ofMail ?? undefined, left)
      if (ended) return c.html(pages(c, 'unsubscribed', ended))
      const title = ofMail?.series.title ?? person.enrolledIn(enrollmentId) ?? ''
      // A voided link still unsubscribes, but reveals nothing: neither the address, nor other
      // series, nor whether this one has ended.
      const seen = {
        address: current ? maskedAddress(person.address) : '',
        title,
        language: ofMail?.series.language ?? localeOf(c).language,
        left: false,
        others: '',
      }
      return c.html(
        pages(c, 'unsubscribe', {
          ...seen,
          ...(current && ofMail && leaving(ofMail, person, localeOf(c))),
        }),
      )
    })
    .post('/unsubscribe/:token', async (c) => {
      const enrollmentId = app.links.read('unsubscribe', c.req.param('token'))
      const body = formOrEmpty(c)
      const scope = body.scope === 'everything' ? 'everything' : 'series'
      const oneClick = body['List-Unsubscribe'] !== undefined
      await app.reader.unsubscribe(enrollmentId, scope, {
        ...(oneClick ? ONE_CLICK : await agreedOnPage(c, enrollmentId, scope)),
        source: `${app.siteUrl}/unsubscribe`,
        network: networkOf(c),
      })
      // Only our own button sends a scope: everything else comes from a provider and gets no
      // redirect (A7).
      const isButton = !oneClick && body.scope !== undefined
      return isButton ? c.redirect(`${c.req.path}?left=${scope}`, 303) : c.text(UNSUBSCRIBED)
    })
}

/** A mailbox's own button, whose words we do not know. */
const ONE_CLICK = consentRecordOf(english, english.t('consent.one-click'))

type Scope = Parameters<ReaderSite['reader']['unsubscribe']>[1]

const overviewFor = ({ overviews, enrolledIn }: Person, enrollmentId: string) =>
  overviews.find(({ series }) => series.slug === enrolledIn(enrollmentId))

/** Returns what the page says after its button was pressed; null if that is no longer true. */
function leftPage(person: Person, ofMail: Overview | undefined, scope: string | undefined) {
  if (scope === 'everything' && !person.overviews.some(goesOn)) return { ...LEFT, everything: true }
  const left = scope === 'series' && ofMail && !goesOn(ofMail)
  return left ? { ...LEFT, title: ofMail.series.title, language: ofMail.series.language } : null
}

/** For a page that names no series. */
const LEFT = { title: null, language: 'en', everything: false } as const

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
