/** Confirming a new address, and undoing that, each by the link of a mail. GET changes nothing. */

import { type Context, Hono } from 'hono'
import { masked } from '../../domain/address.ts'
import { networkOf } from '../shared/client.ts'
import type { Pages } from '../shared/pages.ts'
import type { ReaderSite } from '../shared/site.ts'
import { lostLink } from './fresh-link.ts'

export function addressPages(app: ReaderSite, pages: Pages) {
  const changeIn = (c: Context, purpose: 'address' | 'undo') =>
    app.links.read(purpose, c.req.param('token') ?? '')
  const agreedBy = (c: Context, purpose: 'address' | 'undo') => ({
    wording: app.locale.t(`page.${purpose}.button`),
    source: `${app.siteUrl}/${purpose}`,
    network: networkOf(c),
  })

  return new Hono()
    .onError(lostLink(app, pages))
    .get('/address/:token', async (c) => {
      const { to, done } = await app.reader.addressChange(changeIn(c, 'address'))
      return c.html(pages('address', { to: masked(to), done }))
    })
    .post('/address/:token', async (c) => {
      await app.reader.confirmAddress(changeIn(c, 'address'), agreedBy(c, 'address'))
      return c.redirect(c.req.path, 303)
    })
    .get('/undo/:token', async (c) =>
      c.html(pages('undo', { done: await app.reader.isUndone(changeIn(c, 'undo')) })),
    )
    .post('/undo/:token', async (c) => {
      await app.reader.undoAddress(changeIn(c, 'undo'), agreedBy(c, 'undo'))
      return c.redirect(c.req.path, 303)
    })
}
