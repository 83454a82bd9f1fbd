/** Confirming a new address and undoing that, each by a link in a mail. GET changes nothing. */

import { type Context, Hono } from 'hono'
import { maskedAddress } from '../../domain/address.ts'
import { consentRecordOf } from '../../domain/consent.ts'
import { networkOf } from '../shared/client.ts'
import { localeOf, useReaderLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import type { ReaderSite } from '../shared/site.ts'
import { onBrokenLink } from './fresh-link.ts'

export function addressPages(app: ReaderSite, pages: Pages) {
  const changeIn = async (c: Context, purpose: 'address' | 'undo') => {
    const id = app.links.read(purpose, c.req.param('token') ?? '')
    useReaderLanguage(c, { language: await app.reader.languageOfChange(id) }, app)
    return id
  }
  const agreedBy = (c: Context, purpose: 'address' | 'undo') => ({
    ...consentRecordOf(localeOf(c), localeOf(c).t(`page.${purpose}.button`)),
    source: `${app.siteUrl}/${purpose}`,
    network: networkOf(c),
  })

  return new Hono()
    .onError(onBrokenLink(app, pages))
    .get('/address/:token', async (c) => {
      const { to, done } = await app.reader.addressChange(await changeIn(c, 'address'))
      return c.html(pages(c, 'address', { to: maskedAddress(to), done }))
    })
    .post('/address/:token', async (c) => {
      await app.reader.confirmAddress(await changeIn(c, 'address'), agreedBy(c, 'address'))
      return c.redirect(c.req.path, 303)
    })
    .get('/undo/:token', async (c) =>
      c.html(pages(c, 'undo', { done: await app.reader.isUndone(await changeIn(c, 'undo')) })),
    )
    .post('/undo/:token', async (c) => {
      await app.reader.undoAddress(await changeIn(c, 'undo'), agreedBy(c, 'undo'))
      return c.redirect(c.req.path, 303)
    })
}
