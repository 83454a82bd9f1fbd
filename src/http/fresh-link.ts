/** A fresh link by mail, for those whose link is lost, cut short or too old. */
import { type Context, Hono } from 'hono'
import type { App } from '../app.ts'
import { readAddress } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { networkOf } from './client.ts'
import { formOf } from './form.ts'
import { checkOf, givenBack, sealedForm, statusOf } from './given-back.ts'
import type { Pages } from './pages.ts'
import { STATUS } from './problems.ts'

const ASK = 'Your link, by mail'
/** Names the form, for what is given back of it. */
const LINK = 'link'

export function freshLinkPages(app: App, pages: Pages) {
  const form = (values: { email: string; fault: string }) =>
    pages('fresh-link', {
      title: ASK,
      message: 'It opens your mornings: where you are, and all you can change.',
      ...values,
    })

  return new Hono()
    .get('/link', (c) => {
      const given = givenBack(app, LINK, c)
      const email = String(given?.body.email ?? '')
      return c.html(form({ email, fault: given?.refusal?.fields.email ?? '' }), statusOf(given))
    })
    .post('/link', async (c) => {
      const { email: sent } = formOf(c)
      const email = typeof sent === 'string' ? sent : ''
      const address = readAddress(email)
      if (!address) {
        const fields = { email: 'Enter one email address, like you@example.com.' }
        const refusal = { code: 'invalid', message: '', fields } as const
        return c.redirect(`/link${sealedForm(app, LINK, { body: { email }, refusal })}#email`, 303)
      }
      try {
        await app.limitEnrollments(networkOf(c, app.config.http.trustProxy), address.key)
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        return c.html(form({ email, fault: problem.message }), STATUS[problem.code])
      }
      app.requestLink(address)
      return c.redirect(`/link/sent${sealedForm(app, LINK, { body: { email }, refusal: null })}`, 303)
    })
    .get('/link/sent', (c) => {
      const given = givenBack(app, LINK, c)
      return c.html(pages('link-sent', { check: given && checkOf(c, '/link', given) }))
    })
    .get('/link/renewed', (c) => c.html(pages('link-renewed', {})))
}

/** What a personal page answers when its link cannot be used: kindly, and with the way to a fresh one. */
export const lostLink = (pages: Pages) => (error: Error, c: Context) => {
  const lost = error instanceof Problem && (error.code === 'not_found' || error.code === 'expired')
  if (!lost) throw error
  const title = error.code === 'expired' ? 'This link has done its work' : 'This link does not work'
  const page = pages('fresh-link', { title, message: error.message, email: '', fault: '' })
  return c.html(page, STATUS[error.code])
}
