/** A fresh link by mail, for those whose link is lost, cut short or too old. */
import { type Context, Hono } from 'hono'
import type { App } from '../app.ts'
import { readAddress } from '../domain/address.ts'
import { Problem } from '../domain/problem.ts'
import { networkOf } from './client.ts'
import { formOf } from './form.ts'
import type { Pages } from './pages.ts'
import { STATUS } from './problems.ts'

const ASK = 'Your link, by mail'

export function freshLinkPages(app: App, pages: Pages) {
  const form = (values: { email: string; fault: string }) =>
    pages('fresh-link', {
      title: ASK,
      message: 'It opens your mornings: where you are, and all you can change.',
      ...values,
    })

  return new Hono()
    .get('/link', (c) => c.html(form({ email: '', fault: '' })))
    .post('/link', async (c) => {
      const { email: sent } = formOf(c)
      const email = typeof sent === 'string' ? sent : ''
      const address = readAddress(email)
      if (!address) {
        const fault = 'Enter one email address, like you@example.com.'
        return c.html(form({ email, fault }), STATUS.invalid)
      }
      try {
        await app.limitEnrollments(networkOf(c, app.config.http.trustProxy), address.key)
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem
        return c.html(form({ email, fault: problem.message }), STATUS[problem.code])
      }
      app.requestLink(address)
      return c.redirect('/link/sent', 303)
    })
    .get('/link/sent', (c) => c.html(pages('link-sent', {})))
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
