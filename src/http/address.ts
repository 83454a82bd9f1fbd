/** Confirming a new address, by the link of the mail that was sent there. GET changes nothing. */
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { masked } from '../domain/address.ts'
import { networkOf } from './client.ts'
import { lostLink } from './fresh-link.ts'
import type { Pages } from './pages.ts'
import { FORM_LIMIT } from './public.ts'

export function addressPages(app: App, pages: Pages) {
  return new Hono()
    .onError(lostLink(app, pages))
    .get('/address/:token', async (c) => {
      const deliveryId = app.links.read('address', c.req.param('token'), app.now())
      const { to, done } = await app.addressChange(deliveryId)
      return c.html(pages('address', { to: masked(to), done }))
    })
    .post('/address/:token', FORM_LIMIT, async (c) => {
      const deliveryId = app.links.read('address', c.req.param('token'), app.now())
      await app.confirmAddress(deliveryId, {
        wording: 'Yes, use this address',
        source: `${app.siteUrl}/address`,
        network: networkOf(c, app.config.http.trustProxy),
      })
      return c.redirect(c.req.path, 303)
    })
}
