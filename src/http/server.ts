import { type Context, type ErrorHandler, Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { MAX_UTF16_UNITS } from '../domain/comment-text.ts'
import { Problem } from '../domain/problem.ts'
import { localizedFor } from '../domain/site.ts'
import { layersOf } from '../platform/site-folder.ts'
import { answerMailPages } from './articles/answer-mails.ts'
import { articlePages } from './articles/article.ts'
import { commentForms } from './articles/comment-forms.ts'
import { feedPages } from './articles/feed.ts'
import { listPages } from './articles/lists.ts'
import { moderationPages } from './articles/moderation.ts'
import { sitemapPages } from './articles/sitemap.ts'
import { outboxPages } from './author/outbox.ts'
import { healthPages } from './health.ts'
import { hookRoutes, isWebhook, MAX_WEBHOOK_BYTES } from './hooks/webhooks.ts'
import { memberPages } from './members/member.ts'
import { signInPages } from './members/sign-in.ts'
import { addressPages } from './readers/address.ts'
import { clickPages } from './readers/clicks.ts'
import { dailyPages } from './readers/daily.ts'
import { embedPages } from './readers/embed.ts'
import { enrollingPages } from './readers/enrolling.ts'
import { freshLinkPages } from './readers/fresh-link.ts'
import { leavePages } from './readers/leave.ts'
import { mediaPages } from './readers/media.ts'
import { preferencesPages } from './readers/preferences.ts'
import { publicPages } from './readers/public.ts'
import { quickActionPages } from './readers/quick-action.ts'
import { readingPages } from './readers/reading.ts'
import { rightsPages } from './readers/rights.ts'
import { assets } from './shared/assets.ts'
import { basePathOf, belowBase } from './shared/base-path.ts'
import { compressCacheable } from './shared/cacheable.ts'
import { detectNetwork, detectUntrustedProxies } from './shared/client.ts'
import { limitConcurrency } from './shared/concurrency.ts'
import { boundedBodies, MAX_BODY_BYTES, MAX_FIELD_LENGTH, parsedForms } from './shared/form.ts'
import { contentSecurityPolicy, siteHeaders } from './shared/headers.ts'
import { allowHosts } from './shared/hosts.ts'
import { detectLanguage } from './shared/language.ts'
import { noRoute } from './shared/methods.ts'
import { DEFAULT_PAGE_DATA, loadPages, type Pages } from './shared/pages.ts'
import { normalizedPath } from './shared/paths.ts'
import { problemPage } from './shared/problems.ts'
import { redirectProblemsAfterPost } from './shared/redisplayed-form.ts'
import { securityPages } from './shared/security.ts'
import type { WebSite } from './shared/site.ts'
import { SITE_SHEET, siteSheet } from './shared/theme-sheet.ts'
import { traced } from './shared/tracing.ts'

/** Creates the web server as a request handler: attach it to a socket, or call it in a test. */
export async function createServer(app: WebSite): Promise<Hono> {
  const layers = layersOf(app.config.site.folder)
  const pages = await loadPages(layers.pages, commonOf(app))
  const base = basePathOf(app.siteUrl)
  const server = new Hono({ getPath: (request) => normalizedPath(request, base) })
  server.use(compressCacheable())
  if (base !== '') server.use(belowBase(base))
  server.use(detectUntrustedProxies(app))
  server.use(detectLanguage(app))
  server.use('/courses/:slug/embed/*', mayBeFramed(app.config.http.embedOrigins ?? []))
  server.use(...siteHeaders({ https: app.siteUrl.startsWith('https:') }))
  server.use(boundedBodies((c) => (isWebhook(c) ? MAX_WEBHOOK_BYTES : MAX_BODY_BYTES)))
  server.route('/', healthPages(app))
  server.use(traced(app))
  if (app.author.sandbox) server.use(allowHosts(ownNames(app)))
  server.use(detectNetwork(app.config.http.trustProxy))
  server.use(limitConcurrency())
  // Not a form; only its signature is checked (as A6).
  server.route('/', hookRoutes(app))
  server.use(parsedForms({ countsAnyhow: isOneClick, longest: maxFieldLength }))
  server.use(redirectProblemsAfterPost(app, pages))
  server.route('/', mediaPages(app))
  server.route('/', assets(layers.assets))
  server.route('/', siteSheet(app))
  server.route('/', securityPages(app))
  server.route('/', publicPages(app, pages))
  server.route('/', dailyPages(app, pages))
  server.route('/', listPages(app, pages))
  server.route('/', feedPages(app, pages))
  server.route('/', articlePages(app, pages))
  server.route('/', sitemapPages(app))
  server.route('/', enrollingPages(app, pages))
  server.route('/', embedPages(app, pages))
  server.route('/', leavePages(app, pages))
  server.route('/', preferencesPages(app, pages))
  server.route('/', quickActionPages(app, pages))
  server.route('/', readingPages(app, pages))
  server.route('/', clickPages(app))
  server.route('/', rightsPages(app, pages))
  server.route('/', addressPages(app, pages))
  server.route('/', freshLinkPages(app, pages))
  server.route('/', signInPages(app, pages))
  server.route('/', memberPages(app, pages))
  server.route('/', commentForms(app))
  server.route('/', moderationPages(app, pages))
  server.route('/', answerMailPages(app, pages))
  if (app.author.sandbox) server.route('/outbox', outboxPages(app, app.author.sandbox, pages))
  server.notFound(noRoute(server, pages))
  server.onError(handleError(app, pages))
  return server
}

/** Reports a Problem as it is; anything else thrown is a bug or an outage, and goes to the log. */
const handleError =
  ({ log }: Pick<WebSite, 'log'>, pages: Pages): ErrorHandler =>
  (error, c) => {
    if (error instanceof Problem) return problemPage(c, pages, error)
    // A redirect for somebody who has to sign in first.
    if (error instanceof HTTPException && error.status === 303) return error.getResponse()
    if (error instanceof HTTPException && error.status === 403) {
      return problemPage(c, pages, new Problem('forbidden', 'site.cross-origin'))
    }
    log.error({ err: error, method: c.req.method, route: c.req.routePath }, 'a request failed')
    const problem = new Problem('unavailable', 'site.failed')
    return problemPage(c, pages, problem)
  }

/** A provider's unsubscribe POST counts whatever it carries (standards.md A5, A9). */
const isOneClick = ({ req }: Context) =>
  req.method === 'POST' && /^\/(unsubscribe|answers)\//.test(req.path)

/** A comment is longer than any other field; one that is too long is reported next to its form. */
const maxFieldLength = ({ req }: Context) =>
  req.method === 'POST' && /^\/articles\/[^/]+\/comments$/.test(req.path)
    ? MAX_UTF16_UNITS + 1
    : MAX_FIELD_LENGTH

/** Data available to every page, by its language. */
const commonOf = ({ config, letterhead, author }: WebSite) => {
  const { settings } = config.site
  const { theme, tagline = '', footer, links } = settings
  return (language: string) => {
    const line = localizedFor(tagline, language, settings)
    const lines = localizedFor(footer, language, settings)
    return {
      ...DEFAULT_PAGE_DATA,
      site: letterhead.siteName,
      sandbox: author.sandbox !== null,
      siteSheet: theme ? SITE_SHEET : '',
      tagline: line?.words ?? '',
      taglineLanguage: line?.language ?? language,
      footer: lines?.words ?? [],
      footerLanguage: lines?.language ?? language,
      ...links,
    }
  }
}

/** Host names under which a sandbox answers besides localhost. */
const ownNames = ({ siteUrl, config }: WebSite) => [
  new URL(siteUrl).host,
  config.http.host,
  ...config.http.allowedHosts,
]

/**
 * Lets these origins show a page in a frame. X-Frame-Options cannot hold a list, so it is removed.
 */
function mayBeFramed(origins: readonly string[]): MiddlewareHandler {
  const framePolicy = contentSecurityPolicy(["'self'", ...origins])
  return async (c, next) => {
    await next()
    if (origins.length === 0) return
    c.header('Content-Security-Policy', framePolicy)
    c.res.headers.delete('X-Frame-Options')
  }
}
