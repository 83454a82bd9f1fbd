/** Requests that use a method their path does not support. */
import type { Context, Hono } from 'hono'
import { Problem } from '../../domain/problem.ts'
import type { Pages } from './pages.ts'
import { problemPage } from './problems.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/**
 * Handles requests that match no route: 405 with the path's methods (RFC 9110, 15.5.6), just the
 * methods for OPTIONS, or 404.
 */
export const noRoute = (server: Hono, pages: Pages) => (c: Context) => {
  const has = METHODS.filter((method) => isRouted(server, method, c.req.path))
  if (has.length === 0) return problemPage(c, pages, new Problem('not_found', 'site.not-found'))
  const allow = [...has, ...(has.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
  c.header('Allow', allow)
  if (c.req.method === 'OPTIONS') return c.body(null, 204)
  return problemPage(
    c,
    pages,
    new Problem('not_allowed', 'site.wrong-method', { params: { allow } }),
  )
}

/** Middleware matches every method, so it does not count. */
const isRouted = (server: Hono, method: string, path: string) =>
  server.router.match(method, path)[0].some(([[, route]]) => route.method === method)
