/** The files that pages load: cached for five minutes, then revalidated by ETag. */
import { existsSync } from 'node:fs'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { Problem } from '../../domain/problem.ts'
import { isServed } from '../../platform/served.ts'

const PREFIX = '/assets'

/**
 * Serves the files of `folders` under /assets; if several have a file of the same name, the last
 * folder wins. Only these and the responses of cacheable.ts are compressed: the compressed
 * length of a personal page, which holds secrets as well as text a stranger may have put there,
 * would leak the secrets (BREACH).
 */
export function assets(folders: readonly string[]) {
  const served = folders.filter((folder) => existsSync(folder)).map(filesOf)
  return new Hono()
    .basePath(PREFIX)
    .use('/:name', async (c, next) => {
      if (!isServed(c.req.param('name'))) throw missing()
      await next()
      if (c.res.ok || c.res.status === 304) c.header('Cache-Control', 'public, max-age=300')
    })
    .use('/:name', etag(), compress())
    .get('/:name', async (c) => {
      for (const serve of served.toReversed()) {
        const file = await serve(c, async () => {})
        if (file) return file
      }
      throw missing()
    })
}

const missing = () => new Problem('not_found', 'site.not-found')

/** Returns nothing if the folder has no such file. */
const filesOf = (root: string): MiddlewareHandler =>
  serveStatic({ root, rewriteRequestPath: (path) => path.slice(PREFIX.length) })
