import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { FieldFaults, Problem, ProblemCode } from '../../domain/problem.ts'
import { HOUR, SECOND } from '../../domain/time.ts'
import type { Key, Locale, Message } from '../../locales/locale.ts'
import { localeOf } from './language.ts'
import type { Pages } from './pages.ts'

/** The only mapping of problems to HTTP statuses. */
export const HTTP_STATUS = {
  invalid: 422,
  forbidden: 403,
  not_found: 404,
  not_allowed: 405,
  expired: 410,
  too_large: 413,
  misdirected: 421,
  too_many: 429,
  unavailable: 503,
} as const satisfies Record<ProblemCode, ContentfulStatusCode>

const TITLE = {
  invalid: 'problem.title.invalid',
  forbidden: 'problem.title.not-allowed',
  not_found: 'problem.title.not-found',
  not_allowed: 'problem.title.not-allowed',
  expired: 'problem.title.expired',
  too_large: 'problem.title.too-large',
  misdirected: 'problem.title.misdirected',
  too_many: 'problem.title.too-many',
  unavailable: 'problem.title.unavailable',
} as const satisfies Record<ProblemCode, Key>

/** Returns a sentence in the language of a page. */
export const localizedMessage = ({ key, params }: Message, locale: Locale) => locale.t(key, params)

/** Returns what is wrong with each field, in the language of the form's page. */
export const localizedFields = (fields: FieldFaults, locale: Locale): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, what]) => [name, localizedMessage(what, locale)]),
  )

/** Responds with a problem as a page of its own. */
export const problemPage = (c: Context, pages: Pages, problem: Problem) =>
  respondWithProblem(
    c,
    problem,
    pages(c, 'problem', {
      title: localeOf(c).t(TITLE[problem.code]),
      message: localizedMessage(problem, localeOf(c)),
    }),
  )

/**
 * Responds with a page or an object that reports a problem, with the problem's status and headers.
 */
export function respondWithProblem(
  c: Context,
  { code, retryAfter }: Pick<Problem, 'code' | 'retryAfter'>,
  body: string | object,
) {
  const seconds = retryAfter ?? (code === 'too_many' ? HOUR / SECOND : null)
  if (seconds !== null) c.header('Retry-After', String(seconds))
  return typeof body === 'string'
    ? c.html(body, HTTP_STATUS[code])
    : c.json(body, HTTP_STATUS[code])
}
