/** Confirming a new address, and undoing that, each by the link of a mail. GET changes nothing. */
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { masked } from '../domain/address.ts'
import { networkOf } from './client.ts'
import { lostLink } from './fresh-link.ts'
import type { Pages } from './pages.ts'

export function addressPages(app: App, pages: Pages) {
  return new Hono()
    .onError(lostLink(app, pages))
    .get('/address/:token', async (c) => {
      const changeId = app.links.read('address', c.req.param('token'), app.now())
      const { to, done } = await app.addressChange(changeId)
      return c.html(pages('address', { to: masked(to), done }))
    })
    .post('/address/:token', async (c) => {
      const changeId = app.links.read('address', c.req.param('token'), app.now())
      await app.confirmAddress(changeId, {
        wording: 'Yes, use this address',
        source: `${app.siteUrl}/address`,
        network: networkOf(c, app.config.http.trustProxy),
      })
      return c.redirect(c.req.path, 303)
    })
    .get('/undo/:token', async (c) => {
      const changeId = app.links.read('undo', c.req.param('token'), app.now())
      return c.html(pages('undo', { done: await app.isUndone(changeId) }))
    })
    .post('/undo/:token', async (c) => {
      const changeId = app.links.read('undo', c.req.param('token'), app.now())
      await app.undoAddress(changeId, {
        wording: 'This wasn’t me',
        source: `${app.siteUrl}/undo`,
        network: networkOf(c, app.config.http.trustProxy),
      })
      return c.redirect(c.req.path, 303)
    })
}
