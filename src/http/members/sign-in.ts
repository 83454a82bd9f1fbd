/**
 * Signing in: a form that asks for an address, and the page that the mailed link opens. That page
 * shows a button; GET changes nothing, so that programs that open links in mails sign nobody in.
 */

import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { Problem } from '../../domain/problem.ts'
import { type AddressForm, addressForm, freshForm } from '../shared/address-form.ts'
import { localeOf, useReaderLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { localizedMessage, respondWithProblem } from '../shared/problems.ts'
import type { MemberSite } from '../shared/site.ts'
import { safePath } from './safe-path.ts'
import { senderOf } from './same-origin.ts'
import { memberIn, sessionIn, setSessionCookie } from './session.ts'

/** Where members go after signing in if they did not come from another page. */
export const HOME = '/member'

const SIGN_IN = {
  form: '/sign-in',
  page: 'sign-in',
  sent: 'sign-in-sent',
  workFirst: 'form.sign-in.work-first',
  asking: ({ t }) => ({ title: t('page.sign-in.heading'), message: t('page.sign-in.lead') }),
} as const satisfies Omit<AddressForm, 'takeDown'>

export const signInPages = (app: MemberSite, pages: Pages) =>
  new Hono()
    .onError(onBrokenSignInLink(app, pages))
    .get('/sign-in', redirectSignedIn(app))
    .route(
      '/',
      addressForm(app, pages, {
        ...SIGN_IN,
        takeDown: (address, { slowly, to }) =>
          app.member.requestSignIn(address, { slowly, leadsTo: safePath(to) ?? HOME }),
      }),
    )
    .get('/sign-in/:token', async (c) => {
      const invitation = await app.member.signInPreviewOf(tokenIn(c))
      useReaderLanguage(c, invitation, app)
      if (invitation.isUsed) return afterUse(c, invitation, app)
      const { name, address } = invitation
      return c.html(pages(c, 'sign-in-confirm', { name, address }))
    })
    .post('/sign-in/:token', async (c) => {
      if (REJECTED_SENDERS.includes(senderOf(c, app)))
        throw new Problem('forbidden', 'site.cross-origin')
      const { session, leadsTo, isNameless } = await app.member.signIn(
        tokenIn(c),
        sessionIn(c, app),
      )
      setSessionCookie(c, app, session)
      const first = isNameless && leadsTo !== HOME
      return c.redirect(first ? `${HOME}?to=${encodeURIComponent(leadsTo)}` : leadsTo, 303)
    })

/**
 * A malicious page could sign somebody in to the attacker's account unnoticed, and so read what
 * they write there. Our own page never hides its origin (http/shared/headers.ts).
 */
const REJECTED_SENDERS = ['elsewhere', 'hidden']

/** Redirects those who are already signed in. */
const redirectSignedIn =
  (app: MemberSite): MiddlewareHandler =>
  async (c, next) => {
    const to = safePath(c.req.query('to') ?? '') ?? HOME
    return (await memberIn(c, app)) ? c.redirect(to, 303) : next()
  }

/**
 * Handles a used link: a member whom it signed in here, and who pressed the button twice, proceeds;
 * for everybody else it is used up.
 */
async function afterUse(
  c: Context,
  { memberId, leadsTo }: { readonly memberId: string; readonly leadsTo: string },
  app: MemberSite,
) {
  const member = await memberIn(c, app)
  if (member?.id === memberId) return c.redirect(leadsTo, 303)
  throw new Problem('expired', 'page.sign-in.used')
}

/** Mail programs may append what follows a link; it is not part of the token. */
const tokenIn = (c: Context) => (c.req.param('token') ?? '').slice(0, 43)

/** Responds to a link that signs nobody in: politely, and with the form for another one. */
const onBrokenSignInLink = (app: MemberSite, pages: Pages) => async (error: Error, c: Context) => {
  const lost = error instanceof Problem && (error.code === 'not_found' || error.code === 'expired')
  if (!lost) throw error
  const locale = localeOf(c)
  const title = locale.t('page.sign-in.heading')
  const form = await freshForm(app, SIGN_IN)
  return respondWithProblem(
    c,
    error,
    pages(c, 'sign-in', { title, message: localizedMessage(error, locale), ...form }),
  )
}
