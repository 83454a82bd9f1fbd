/** One span per request, named by the route's pattern: the path itself may hold a token. */

import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { PageSite } from './site.ts'

export const traced =
  ({ trace }: Pick<PageSite, 'trace'>): MiddlewareHandler =>
  (c, next) =>
    trace({ name: 'HTTP', kind: 'server' }, async (span) => {
      // Clients can invent methods, so only those of a matched route are recorded. Middleware
      // matches all.
      const route = matchedRoutes(c).findLast(({ method }) => method !== 'ALL')
      const method = route ? c.req.method : '_OTHER'
      span.name(route ? `${method} ${route.path}` : 'HTTP')
      span.set({ 'http.request.method': method, ...(route && { 'http.route': route.path }) })
      await next()
      span.set({ 'http.response.status_code': c.res.status })
      if (c.res.status >= 500) span.fail(String(c.res.status))
    })
