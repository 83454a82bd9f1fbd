/**
 * The author's preview: every mail of every course as a reader will see it. On this machine only, or
 * for whoever has its token; sends nothing.
 */
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Previewer, Shown, ShownArticle } from '../../app/previewer.ts'
import { unitOf } from '../../domain/course.ts'
import { Problem } from '../../domain/problem.ts'
import type { Locale } from '../../locales/locale.ts'
import { keyBy } from '../../locales/numbered.ts'
import type { Companion } from '../../mail/edition.ts'
import { layersOf } from '../../platform/site-folder.ts'
import { assets } from '../shared/assets.ts'
import { boundedBodies, parsedForms } from '../shared/form.ts'
import { siteHeaders } from '../shared/headers.ts'
import { onlyFor } from '../shared/hosts.ts'
import { MAIL_POLICY } from '../shared/mail-policy.ts'
import { noRoute } from '../shared/methods.ts'
import { BARE, loadPages } from '../shared/pages.ts'
import { problemPage } from '../shared/problems.ts'
import { dateWords } from '../shared/when.ts'
import { onlyWithToken, withToken } from './key.ts'
import { mailView, parseMail } from './mail-view.ts'

const SCHEMES = ['light', 'dark'] as const

const options = (all: Readonly<Record<string, { readonly words: string }>>, chosen: string) =>
  Object.entries(all).map(([id, { words }]) => ({ id, chosen: id === chosen, words }))

/**
 * `allowedHosts`: names under which it answers beside those of this machine. With a token it
 * answers only to whoever has that.
 */
export async function createPreview(
  previewer: Previewer,
  allowedHosts: readonly string[] = [],
  token: string | null = null,
): Promise<Hono> {
  const { locale } = previewer
  const schemes = Object.fromEntries(
    SCHEMES.map((scheme) => [scheme, { words: locale.t(`preview.${scheme}`) }]),
  )
  const common = { ...BARE, site: locale.t('preview.title'), sandbox: false }
  const layers = layersOf(previewer.site)
  const pages = await loadPages(layers.pages, () => common)
  const find = async (slug: string, id: string) => {
    const all = (await previewer.folder()).mails.get(slug) ?? []
    const index = all.findIndex((mail) => mail.id === id)
    const shown = all[index]
    if (!shown) throw new Problem('not_found', 'preview.not-found')
    return { shown, before: all[index - 1]?.id ?? null, after: all[index + 1]?.id ?? null }
  }
  const chosen = async (query: Readonly<Record<string, string>>) => {
    const asked = query.reader ?? ''
    const reader = Object.hasOwn(previewer.readers, asked) ? asked : 'ada'
    const scheme = query.scheme === 'dark' ? 'dark' : 'light'
    const offered = await anyInspiration(previewer)
    return { reader, scheme, offered, companion: query.beside === 'yes' ? offered : null }
  }
  const mailFor = async (
    shown: Shown,
    { reader, companion }: { reader: string; companion: Companion | null },
  ) => {
    const raw = await previewer.render(shown, reader, companion)
    return { raw, mail: await parseMail(raw) }
  }

  const server = new Hono()
  server.use(async (c, next) => {
    c.set('locale', locale)
    await next()
  })
  server.use(...siteHeaders({ https: false }))
  server.use(
    boundedBodies(),
    onlyFor(allowedHosts),
    ...(token === null ? [] : [onlyWithToken(token)]),
    parsedForms({ countsAnyhow: () => false }),
  )
  server.get('/media/:hash/:name', async (c) => {
    const media = await previewer.media(c.req.param('hash'))
    if (!media) throw new Problem('not_found', 'site.not-found')
    return c.body(new Uint8Array(media.bytes), 200, { 'Content-Type': media.type })
  })
  server.route('/', assets(layers.assets))
  server.get('/events', (c) =>
    streamSSE(c, async (stream) => {
      const ended = Promise.withResolvers<void>()
      const stop = previewer.onSaved(() => void stream.writeSSE({ event: 'saved', data: '' }))
      stream.onAbort(ended.resolve)
      await stream.writeSSE({ event: 'watching', data: '' })
      await ended.promise
      stop()
    }),
  )
  server.get('/', async (c) => {
    const { found, faults, mails, articles } = await previewer.folder()
    const series = await Promise.all(
      found.map(async ({ slug, series: content, draft, waiting }) => ({
        slug,
        title: content?.title ?? slug,
        draft,
        waiting,
        mails: await Promise.all((mails.get(slug) ?? []).map((shown) => mailRow(shown, previewer))),
      })),
    )
    return c.html(
      pages(c, 'preview', {
        series,
        articles: articles.map(articleRow),
        faults: faults.map(placed),
      }),
    )
  })
  server.get('/articles/:slug', async (c, next) => {
    const { articles } = await previewer.folder()
    const shown = articles.find(({ file }) => file.slug === c.req.param('slug'))
    // A course may have this name.
    if (!shown) return next()
    return c.html(pages(c, 'preview-article', articleView(shown, locale)))
  })
  server.get('/:slug/:id', async (c) => {
    const { slug, id } = c.req.param()
    const { shown, before, after } = await find(slug, id)
    const how = await chosen(c.req.query())
    const { raw, mail } = await mailFor(shown, how)
    const query = new URLSearchParams({
      reader: how.reader,
      scheme: how.scheme,
      ...(how.companion && { beside: 'yes' }),
    })
    return c.html(
      pages(c, 'preview-mail', {
        slug,
        before,
        after,
        query: String(query),
        file: `courses/${shown.written.file}`,
        ...mailView(raw, mail, `/${slug}/${id}/html?${query}`),
        subject: mail.subject ?? '',
        kilobytes: Math.ceil(Buffer.byteLength(mail.html ?? '') / 1_000),
        readers: options(previewer.readers, how.reader),
        schemes: options(schemes, how.scheme),
        offersCompanion: shown.written.content.kind === 'lesson' && how.offered !== null,
        hasCompanion: how.companion !== null,
        findings: (await previewer.findings(shown, { mail: true })).map(placed),
      }),
    )
  })
  server.get('/:slug/:id/html', async (c) => {
    const { shown } = await find(c.req.param('slug'), c.req.param('id'))
    const how = await chosen(c.req.query())
    const { mail } = await mailFor(shown, how)
    c.header('Content-Security-Policy', MAIL_POLICY)
    const html = inScheme(withOwnAssets(mail.html ?? '', previewer.siteUrl), how.scheme)
    return c.html(token === null ? html : withToken(html, token))
  })
  server.notFound(noRoute(server, pages))
  server.onError((error, c) => {
    const known = error instanceof Problem
    return problemPage(
      c,
      pages,
      known
        ? error
        : new Problem('unavailable', 'preview.failed', { params: { cause: error.message } }),
    )
  })
  return server
}

/** Images of the site are those of this page: the site need not run. */
const withOwnAssets = (html: string, siteUrl: string) =>
  html.replaceAll(`${siteUrl}/assets/`, '/assets/').replaceAll(`${siteUrl}/media/`, '/media/')

/**
 * The colors of the other scheme are chosen by the mail's own rules, whatever the author's screen
 * prefers.
 */
const inScheme = (html: string, scheme: string) =>
  html.replace(
    /(?:screen and )?\(prefers-color-scheme:\s*dark\)/g,
    scheme === 'dark' ? 'all' : 'not all',
  )

async function anyInspiration(previewer: Previewer): Promise<Companion | null> {
  const { found } = await previewer.folder()
  const [series] = found.flatMap(({ series }) => (series?.kind === 'daily' ? [series] : []))
  const [inspiration] = series?.inspirations ?? []
  return series && inspiration ? { series, inspiration } : null
}

async function mailRow(shown: Shown, previewer: Previewer) {
  const { content } = shown.written
  const { locale } = previewer
  const label =
    content.kind === 'lesson'
      ? locale.t(keyBy(unitOf(content.series), 'preview.day'), { day: content.lesson.day })
      : locale.t(`mail-kind.${content.kind}`)
  const subject =
    'lesson' in content
      ? content.lesson.subject
      : 'inspiration' in content
        ? content.inspiration.title
        : 'letter' in content
          ? content.letter.subject
          : 'articles' in content
            ? (content.articles[0]?.title ?? '')
            : ''
  const findings = (await previewer.findings(shown, { mail: false })).length
  return { id: shown.id, label, subject, findings }
}

const articleRow = ({ file: { slug, draft }, article, findings }: ShownArticle) => ({
  slug,
  draft,
  title: article?.title ?? slug,
  on: article ? String(article.date) : '',
  findings: findings.length,
})

/** As the site shows it, below what should be mended; of a broken one that alone. */
const articleView = (
  { file: { file, slug, draft }, article, findings }: ShownArticle,
  locale: Locale,
) => ({
  ...article,
  article,
  title: article?.title ?? slug,
  on: article && dateWords(article.date, locale),
  draft,
  file: file.replace(/^\.\.\//, ''),
  findings: findings.map(placed),
})

const placed = ({ file, line, ...finding }: { file: string; line: number }) => ({
  ...finding,
  place: `${file.replace(/^\.\.\//, '')}:${line}`,
})
