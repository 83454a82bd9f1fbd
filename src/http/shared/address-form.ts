/**
 * A form that asks only for an address and has a link mailed to it: the same response for every
 * address, before anything is looked up (standards.md I2).
 */
import { type Context, Hono } from 'hono'
import { type Address, parseAddress } from '../../domain/address.ts'
import { Problem } from '../../domain/problem.ts'
import type { Key, Locale } from '../../locales/locale.ts'
import { networkOf } from './client.ts'
import { formOf } from './form.ts'
import { agedStamp, FULL, looksHuman, proofIn, SUBMIT_AGAIN } from './form-guard.ts'
import { type Localized, localeOf, localized } from './language.ts'
import type { Pages } from './pages.ts'
import { localizedMessage, respondWithProblem } from './problems.ts'
import {
  addressCheckOf,
  checkInboxData,
  type RedisplayedForm,
  redisplayedForm,
  refusalOf,
  sealedForm,
  statusOf,
} from './redisplayed-form.ts'
import type { VisitorSite } from './site.ts'

export interface AddressForm {
  /**
   * Its path, which also names its stamp, budgets, proof and seal: no course can be called that.
   */
  readonly form: string
  /** The templates of its page and of the page that follows. */
  readonly page: string
  readonly sent: string
  readonly workFirst: Key
  readonly asking: (locale: Locale) => { readonly title: string; readonly message: string }
  /** Records the request; `to` is the form's field of that name. */
  readonly takeDown: (address: Address, how: { slowly: boolean; to: string }) => Promise<void>
}

type Body = Readonly<Record<string, unknown>>

export function addressForm(app: VisitorSite, pages: Pages, of: AddressForm) {
  const { form, page, sent, asking } = of
  /** Throws a Problem if the form has to be given back. */
  const take = async (c: Context, body: Body) => {
    const read = parseAddress(textIn(body, 'email'))
    if ('fault' in read)
      throw new Problem('invalid', 'form.invalid', { fields: { email: read.fault } })
    const { address } = read
    if (!looksHuman(form, body, app.visitor.stamps, app.now()))
      throw new Problem('invalid', SUBMIT_AGAIN)
    const asking = { form, network: networkOf(c), addressKey: address.key, ...proofIn(body) }
    const admitted = await app.visitor.admit(asking)
    if (admitted === 'work first') throw new Problem('invalid', of.workFirst)
    if (admitted === 'too many at once') throw new Problem('invalid', FULL)
    const slowly = admitted === 'slowly'
    await of.takeDown(address, { slowly, to: textIn(body, 'to') })
    return slowly ? 'yes' : ''
  }

  return new Hono()
    .get(form, async (c) => {
      const given = redisplayedForm(app, form, c)
      const to = c.req.query('to') ?? ''
      const data = given
        ? await asSent(localized(app, c), given, of)
        : await freshForm(app, of, { to })
      return c.html(pages(c, page, { ...asking(localeOf(c)), ...data }), statusOf(given))
    })
    .get(`${form}/challenge`, (c) => c.json(app.visitor.challenge(form)))
    .post(form, async (c) => {
      const body = formOf(c)
      const entered = { email: textIn(body, 'email'), to: textIn(body, 'to') }
      let slowly: string
      try {
        slowly = await take(c, body)
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        const refusal = refusalOf(problem)
        if (refusal) {
          const back = sealedForm(app, form, { body: entered, refusal })
          return c.redirect(`${form}${back}#fault`, 303)
        }
        const fresh = await freshForm(app, of, entered)
        const data = {
          ...asking(localeOf(c)),
          ...fresh,
          fault: localizedMessage(problem, localeOf(c)),
        }
        return respondWithProblem(c, problem, pages(c, page, data))
      }
      const kept = sealedForm(app, form, { body: { ...entered, slowly }, refusal: null })
      return c.redirect(`${form}/sent${kept}`, 303)
    })
    .get(`${form}/sent`, (c) => {
      const given = redisplayedForm(app, form, c)
      return c.html(pages(c, sent, checkInboxData(given && addressCheckOf(c, form, given))))
    })
}

const textIn = (body: Body, field: string) => {
  const value = body[field]
  return typeof value === 'string' ? value : ''
}

/** Data of the page before anything has been entered. */
export const freshForm = async (
  app: VisitorSite,
  { form }: Pick<AddressForm, 'form'>,
  { email = '', to = '' } = {},
) => ({
  email,
  to,
  fault: '',
  notice: '',
  stamp: app.visitor.stamps.make(form, app.now()),
  proof: await app.visitor.isProofRequired(form),
})

/** Data of the form when given back, with what was entered and what has to be done about it. */
const asSent = async (
  app: Localized<VisitorSite>,
  { body, refusal }: RedisplayedForm,
  { form, workFirst }: AddressForm,
) => ({
  email: textIn(body, 'email'),
  to: textIn(body, 'to'),
  fault: refusal?.fields.email ? localizedMessage(refusal.fields.email, app.locale) : '',
  // A fault of the field is shown at the field.
  notice: refusal && !refusal.fields.email ? localizedMessage(refusal.message, app.locale) : '',
  stamp: agedStamp(form, app.visitor.stamps, app.now()),
  proof:
    refusal?.message.key === workFirst ||
    refusal?.message.key === FULL ||
    (await app.visitor.isProofRequired(form)),
})
