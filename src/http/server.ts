import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import type { App } from '../app.ts'
import { Problem } from '../domain/problem.ts'
import { addressPages } from './address.ts'
import { noticeProxies } from './client.ts'
import { dailyPages } from './daily.ts'
import { enrollingPages } from './enrolling.ts'
import { freshLinkPages } from './fresh-link.ts'
import { tellAfterPost } from './given-back.ts'
import { leavePages } from './leave.ts'
import { oneControlPages } from './one-control.ts'
import { outboxPages } from './outbox.ts'
import { loadPages } from './pages.ts'
import { preferencesPages } from './preferences.ts'
import { problemPage } from './problems.ts'
import { publicPages } from './public.ts'
import { readingPages } from './reading.ts'
import { rightsPages } from './rights.ts'

const TEMPLATES = fileURLToPath(new URL('../../templates/pages/', import.meta.url))
const policy = (ancestors: readonly string[]) =>
  [
    "default-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${ancestors.join(' ')}`,
  ].join('; ')
const OURS = policy(["'self'"])
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** The web half, as a handler of requests: give it a socket, or ask it in a test. */
export async function createServer(app: App): Promise<Hono> {
  const common = { site: app.letterhead.siteName, sandbox: app.sandbox !== null }
  const pages = await loadPages(TEMPLATES, common)
  const server = new Hono()
  server.use(noticeProxies(app.log, app.config.http.trustProxy))
  server.use('/courses/:slug/embed/*', mayBeFramed(app.config.http.embedOrigins ?? []))
  // Mailboxes show the logo of a course on pages of their own. Before what sets the headers of all pages.
  server.use('/assets/:name{.+\\.png}', async (c, next) => {
    await next()
    c.header('Cross-Origin-Resource-Policy', 'cross-origin')
  })
  server.use(
    secureHeaders({
      xFrameOptions: 'SAMEORIGIN',
      referrerPolicy: 'no-referrer',
      // Only a site that is reached by https may ask browsers to stay with it.
      strictTransportSecurity: app.siteUrl.startsWith('https:') ? 'max-age=15552000' : false,
    }),
  )
  server.use(async (c, next) => {
    await next()
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
    if (!c.res.headers.has('Content-Security-Policy')) c.header('Content-Security-Policy', OURS)
  })
  server.use(tellAfterPost(app, pages))
  server.get('/assets/:name', async (c) => asset(c.req.param('name')))
  server.get('/healthz', (c) => c.text('ok'))
  server.get('/readyz', async (c) => {
    const { ready, ...parts } = await app.readiness()
    return c.json({ ready, ...parts }, ready ? 200 : 503)
  })
  server.route('/', publicPages(app, pages))
  server.route('/', dailyPages(app, pages))
  server.route('/', enrollingPages(app, pages))
  server.route('/', leavePages(app, pages))
  server.route('/', preferencesPages(app, pages))
  server.route('/', oneControlPages(app, pages))
  server.route('/', readingPages(app, pages))
  server.route('/', rightsPages(app, pages))
  server.route('/', addressPages(app, pages))
  server.route('/', freshLinkPages(app, pages))
  if (app.sandbox) server.route('/outbox', outboxPages(app, app.sandbox, pages))
  server.notFound((c) => problemPage(c, pages, new Problem('not_found', 'There is no page at this address.')))
  server.onError((error, c) => {
    if (error instanceof Problem) return problemPage(c, pages, error)
    if (error instanceof HTTPException && error.status === 403) {
      return problemPage(c, pages, new Problem('forbidden', 'This can be asked for by our own pages only.'))
    }
    app.log.error({ err: error, method: c.req.method, route: c.req.routePath }, 'a request failed')
    const problem = new Problem(
      'unavailable',
      'Something went wrong on our side, and nothing was changed. Please try again.',
    )
    return problemPage(c, pages, problem)
  })
  return server
}

/** Lets these sites show a page in a frame; X-Frame-Options knows no list, so it makes way. */
function mayBeFramed(origins: readonly string[]): MiddlewareHandler {
  const theirs = policy(["'self'", ...origins])
  return async (c, next) => {
    await next()
    if (origins.length === 0) return
    c.header('Content-Security-Policy', theirs)
    c.res.headers.delete('X-Frame-Options')
  }
}

export async function asset(name: string): Promise<Response> {
  const type = /^[a-z0-9-]+\.[a-z]+$/.test(name) ? TYPES[extname(name)] : undefined
  const body = type && (await readFile(join(TEMPLATES, 'assets', name)).catch(() => null))
  if (!body) throw new Problem('not_found', 'There is no page at this address.')
  return new Response(new Uint8Array(body), {
    headers: { 'Content-Type': type ?? '', 'Cache-Control': 'public, max-age=300' },
  })
}
