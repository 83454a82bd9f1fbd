/** A fresh link by mail, for readers whose link is lost, truncated or too old. */

import type { Context } from 'hono'
import { Problem } from '../../domain/problem.ts'
import { type AddressForm, addressForm, freshForm } from '../shared/address-form.ts'
import { localeOf } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { localizedMessage, respondWithProblem } from '../shared/problems.ts'
import type { VisitorSite } from '../shared/site.ts'

const LINK = {
  form: '/link',
  page: 'fresh-link',
  sent: 'link-sent',
  workFirst: 'form.link.work-first',
  asking: ({ t }) => ({ title: t('page.link.heading'), message: t('page.link.lead') }),
} as const satisfies Omit<AddressForm, 'takeDown'>

export const freshLinkPages = (app: VisitorSite, pages: Pages) =>
  addressForm(app, pages, {
    ...LINK,
    takeDown: (address, { slowly }) => app.visitor.requestLink(address, { slowly }),
  }).get('/link/renewed', (c) => c.html(pages(c, 'link-renewed', {})))

/**
 * Responds on a personal page whose link cannot be used: politely, and with the form for a fresh
 * one.
 */
export const onBrokenLink =
  (app: VisitorSite, pages: Pages) => async (error: Error, c: Context) => {
    const lost =
      error instanceof Problem && (error.code === 'not_found' || error.code === 'expired')
    if (!lost) throw error
    const locale = localeOf(c)
    const title = locale.t(
      error.code === 'expired' ? 'problem.title.expired' : 'page.link.heading-broken',
    )
    const form = await freshForm(app, LINK)
    return respondWithProblem(
      c,
      error,
      pages(c, 'fresh-link', { title, message: localizedMessage(error, locale), ...form }),
    )
  }
