/** What is asked of a path by a method that it does not have. */
import type { Context, Hono } from 'hono'
import { Problem } from '../../domain/problem.ts'
import type { Pages } from './pages.ts'
import { problemPage } from './problems.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/**
 * Where no route answers: 405 with the methods that a path has (RFC 9110, 15.5.6), these alone for
 * OPTIONS, else 404.
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

/** Middleware is there for every method. */
const isRouted = (server: Hono, method: string, path: string) =>
  server.router.match(method, path)[0].some(([[, route]]) => route.method === method)
