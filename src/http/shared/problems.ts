import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Code, Problem } from '../../domain/problem.ts'
import { HOUR, SECOND } from '../../domain/time.ts'
import type { Pages } from './pages.ts'

/** The one table from what went wrong to an HTTP status. */
export const STATUS = {
  invalid: 422,
  forbidden: 403,
  not_found: 404,
  not_allowed: 405,
  expired: 410,
  too_large: 413,
  misdirected: 421,
  too_many: 429,
  unavailable: 503,
} as const satisfies Record<Code, ContentfulStatusCode>

const TITLE = {
  invalid: 'Please check what you entered',
  forbidden: 'Request not allowed',
  not_found: 'Page not found',
  not_allowed: 'Request not allowed',
  expired: 'This link has expired',
  too_large: 'Request too large',
  misdirected: 'Host name not allowed',
  too_many: 'Too many requests',
  unavailable: 'Temporarily unavailable',
} as const satisfies Record<Code, string>

/** A problem as a page of its own. */
export const problemPage = (c: Context, pages: Pages, problem: Problem) =>
  answer(c, problem, pages('problem', { title: TITLE[problem.code], message: problem.message }))

/**
 * What tells of a problem, a page or an object, with the status and the headers that belong to it.
 */
export function answer(
  c: Context,
  { code, retryAfter }: Pick<Problem, 'code' | 'retryAfter'>,
  body: string | object,
) {
  const seconds = retryAfter ?? (code === 'too_many' ? HOUR / SECOND : null)
  if (seconds !== null) c.header('Retry-After', String(seconds))
  return typeof body === 'string' ? c.html(body, STATUS[code]) : c.json(body, STATUS[code])
}
