/** The files that pages load: kept for five minutes, asked for again by their ETag. */
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { Problem } from '../../domain/problem.ts'
import { ASSETS } from '../../platform/paths.ts'

const PREFIX = '/assets'

/**
 * Serves templates/pages/assets under /assets. Only these are compressed: a page holds secrets
 * beside what a stranger may have put there, and its length would tell of them (BREACH).
 */
export const assets = () =>
  new Hono()
    .basePath(PREFIX)
    .use('/:name', async (c, next) => {
      await next()
      if (c.res.ok || c.res.status === 304) c.header('Cache-Control', 'public, max-age=300')
    })
    .use('/:name', etag(), compress())
    .get(
      '/:name',
      serveStatic({
        root: ASSETS,
        rewriteRequestPath: (path) => path.slice(PREFIX.length),
        onNotFound: () => {
          throw new Problem('not_found', 'site.not-found')
        },
      }),
    )
