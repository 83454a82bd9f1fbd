/**
 * The author's preview: every mail of every course as readers will see it. Reachable only from this
 * machine or with its token; sends nothing.
 */
import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Previewer } from '../../app/previewer.ts'
import { Problem } from '../../domain/problem.ts'
import { layersOf } from '../../platform/site-folder.ts'
import { assets } from '../shared/assets.ts'
import { boundedBodies, parsedForms } from '../shared/form.ts'
import { siteHeaders } from '../shared/headers.ts'
import { allowHosts } from '../shared/hosts.ts'
import { MAIL_POLICY } from '../shared/mail-policy.ts'
import { noRoute } from '../shared/methods.ts'
import { DEFAULT_PAGE_DATA, loadPages, type Pages } from '../shared/pages.ts'
import { problemPage } from '../shared/problems.ts'
import { onlyWithToken, withToken } from './preview-token.ts'
import {
  articleView,
  findMail,
  folderView,
  mailFor,
  mailPage,
  viewOptionsFrom,
} from './preview-view.ts'

/**
 * `allowedHosts`: host names under which it answers besides those of this machine. With a token,
 * every request must carry it.
 */
export async function createPreview(
  previewer: Previewer,
  allowedHosts: readonly string[] = [],
  token: string | null = null,
): Promise<Hono> {
  const { locale } = previewer
  const common = { ...DEFAULT_PAGE_DATA, site: locale.t('preview.title'), sandbox: false }
  const layers = layersOf(previewer.site)
  const pages = await loadPages(layers.pages, () => common)
  const server = new Hono()
  server.use(async (c, next) => {
    c.set('locale', locale)
    await next()
  })
  server.use(...siteHeaders({ https: false }))
  server.use(
    boundedBodies(),
    allowHosts(allowedHosts),
    ...(token === null ? [] : [onlyWithToken(token)]),
    parsedForms({ countsAnyhow: () => false }),
  )
  server.route('/', assets(layers.assets))
  server.route('/', previewPages(previewer, pages, token))
  server.notFound(noRoute(server, pages))
  server.onError((error, c) => problemPage(c, pages, problemOf(error)))
  return server
}

const previewPages = (previewer: Previewer, pages: Pages, token: string | null) =>
  new Hono()
    .get('/media/:hash/:name', async (c) => {
      const media = await previewer.media(c.req.param('hash'))
      if (!media) throw new Problem('not_found', 'site.not-found')
      return c.body(new Uint8Array(media.bytes), 200, { 'Content-Type': media.type })
    })
    .get('/events', (c) => streamSaves(c, previewer))
    .get('/', async (c) => c.html(pages(c, 'preview', await folderView(previewer))))
    .get('/articles/:slug', async (c, next) => {
      const { articles } = await previewer.folder()
      const article = articles.find(({ file }) => file.slug === c.req.param('slug'))
      // A course may be called "articles".
      if (!article) return next()
      return c.html(pages(c, 'preview-article', articleView(article, previewer.locale)))
    })
    .get('/:slug/:id', async (c) =>
      c.html(pages(c, 'preview-mail', await mailPage(previewer, c.req.param(), c.req.query()))),
    )
    .get('/:slug/:id/html', async (c) => {
      const { shown } = await findMail(previewer, c.req.param())
      const how = await viewOptionsFrom(previewer, c.req.query())
      const { mail } = await mailFor(previewer, shown, how)
      c.header('Content-Security-Policy', MAIL_POLICY)
      const html = inScheme(withOwnAssets(mail.html ?? '', previewer.siteUrl), how.scheme)
      return c.html(token === null ? html : withToken(html, token))
    })

/** Notifies an open page of each saved file, until the page is closed. */
const streamSaves = (c: Context, previewer: Previewer) =>
  streamSSE(c, async (stream) => {
    const ended = Promise.withResolvers<void>()
    const stop = previewer.onSaved(() => void stream.writeSSE({ event: 'saved', data: '' }))
    stream.onAbort(ended.resolve)
    await stream.writeSSE({ event: 'watching', data: '' })
    await ended.promise
    stop()
  })

const problemOf = (error: Error) =>
  error instanceof Problem
    ? error
    : new Problem('unavailable', 'preview.failed', { params: { cause: error.message } })

/** Loads the site's images from the preview, since the site may not be running. */
const withOwnAssets = (html: string, siteUrl: string) =>
  html.replaceAll(`${siteUrl}/assets/`, '/assets/').replaceAll(`${siteUrl}/media/`, '/media/')

/** Applies a color scheme by the mail's own rules, whatever the author's screen prefers. */
const inScheme = (html: string, scheme: string) =>
  html.replace(
    /(?:screen and )?\(prefers-color-scheme:\s*dark\)/g,
    scheme === 'dark' ? 'all' : 'not all',
  )
