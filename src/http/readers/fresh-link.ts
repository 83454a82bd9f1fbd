/** A fresh link by mail, for those whose link is lost, cut short or too old. */

import { type Context, Hono } from 'hono'
import { readAddress } from '../../domain/address.ts'
import { Problem } from '../../domain/problem.ts'
import type { Locale } from '../../locales/locale.ts'
import { networkOf } from '../shared/client.ts'
import { formOf } from '../shared/form.ts'
import { AGAIN, FULL, looksHuman, proofIn, ripeStamp } from '../shared/form-guard.ts'
import {
  askedWith,
  checkOf,
  type GivenBack,
  givenBack,
  refusalOf,
  sealedForm,
  statusOf,
} from '../shared/given-back.ts'
import { type In, inLanguage, localeOf } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { answer, say } from '../shared/problems.ts'
import type { VisitorSite } from '../shared/site.ts'

/**
 * The form's name, for its stamp, its budgets, its proof and its seal: no course can be called
 * that.
 */
const FORM = '/link'
const FAULT = { key: 'form.email.invalid' } as const
const WORK_FIRST_FOR_LINK = 'form.link.work-first'

export function freshLinkPages(app: VisitorSite, pages: Pages) {
  /** Takes down who asks. Throws a Problem when the form has to be given back. */
  const take = async (c: Context, body: Record<string, unknown>) => {
    const address = readAddress(emailIn(body))
    if (!address) throw new Problem('invalid', 'form.invalid', { fields: { email: FAULT } })
    if (!looksHuman(FORM, body, app.visitor.stamps, app.now())) throw new Problem('invalid', AGAIN)
    const network = networkOf(c)
    const asking = { form: FORM, network, addressKey: address.key, ...proofIn(body) }
    const admitted = await app.visitor.admit(asking)
    if (admitted === 'work first') throw new Problem('invalid', WORK_FIRST_FOR_LINK)
    if (admitted === 'too many at once') throw new Problem('invalid', FULL)
    const slowly = admitted === 'slowly'
    await app.visitor.requestLink(address, { slowly })
    return slowly ? 'yes' : ''
  }

  const asking = ({ t }: Locale) => ({
    title: t('page.link.heading'),
    message: t('page.link.lead'),
  })

  return new Hono()
    .get('/link', async (c) => {
      const given = givenBack(app, FORM, c)
      const form = given ? await asSent(inLanguage(app, c), given) : await freshForm(app)
      return c.html(pages(c, 'fresh-link', { ...asking(localeOf(c)), ...form }), statusOf(given))
    })
    .get('/link/challenge', (c) => c.json(app.visitor.challenge(FORM)))
    .post('/link', async (c) => {
      const body = formOf(c)
      const email = emailIn(body)
      let slowly: string
      try {
        slowly = await take(c, body)
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        const refusal = refusalOf(problem)
        if (refusal) {
          const place = problem.fields.email ? 'email' : 'fault'
          return c.redirect(
            `/link${sealedForm(app, FORM, { body: { email }, refusal })}#${place}`,
            303,
          )
        }
        const form = { ...(await freshForm(app)), email, fault: say(problem, localeOf(c)) }
        return answer(c, problem, pages(c, 'fresh-link', { ...asking(localeOf(c)), ...form }))
      }
      return c.redirect(
        `/link/sent${sealedForm(app, FORM, { body: { email, slowly }, refusal: null })}`,
        303,
      )
    })
    .get('/link/sent', (c) => {
      const given = givenBack(app, FORM, c)
      return c.html(pages(c, 'link-sent', askedWith(given && checkOf(c, '/link', given))))
    })
    .get('/link/renewed', (c) => c.html(pages(c, 'link-renewed', {})))
}

const emailIn = ({ email }: Record<string, unknown>) => (typeof email === 'string' ? email : '')

const freshForm = async (app: VisitorSite) => ({
  email: '',
  fault: '',
  notice: '',
  stamp: app.visitor.stamps.make(FORM, app.now()),
  proof: await app.visitor.proofWanted(FORM),
})

/** The form as it comes back, with the address that was entered and what is to be done about it. */
const asSent = async (app: In<VisitorSite>, { body, refusal }: GivenBack) => ({
  email: emailIn(body),
  fault: refusal?.fields.email ? say(refusal.fields.email, app.locale) : '',
  // What is wrong with the field stands at the field.
  notice: refusal && !refusal.fields.email ? say(refusal.message, app.locale) : '',
  stamp: ripeStamp(FORM, app.visitor.stamps, app.now()),
  proof:
    refusal?.message.key === WORK_FIRST_FOR_LINK ||
    refusal?.message.key === FULL ||
    (await app.visitor.proofWanted(FORM)),
})

/**
 * What a personal page answers when its link cannot be used: kindly, and with the way to a fresh
 * one.
 */
export const lostLink = (app: VisitorSite, pages: Pages) => async (error: Error, c: Context) => {
  const lost = error instanceof Problem && (error.code === 'not_found' || error.code === 'expired')
  if (!lost) throw error
  const locale = localeOf(c)
  const title = locale.t(
    error.code === 'expired' ? 'problem.title.expired' : 'page.link.heading-broken',
  )
  const form = await freshForm(app)
  return answer(c, error, pages(c, 'fresh-link', { title, message: say(error, locale), ...form }))
}
