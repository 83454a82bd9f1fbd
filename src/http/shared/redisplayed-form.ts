/**
 * Redirect after post. A form is never answered with a page: its outcome is a page of its own, to
 * which the browser is redirected (303), so that Back, Forward and Reload never offer to resend the
 * form. The form's contents and what is wrong with it travel sealed in the address: nothing is
 * stored on the server, nobody else can read it, and it works in a frame on another site, where
 * cookies do not.
 */

import type { Context, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { Problem } from '../../domain/problem.ts'
import { isKey, type Key, type Message } from '../../locales/locale.ts'
import { type LanguageSite, useLanguage } from './language.ts'
import type { Pages } from './pages.ts'
import { HTTP_STATUS, problemPage } from './problems.ts'
import type { VisitorSite } from './site.ts'

type Sealing = Pick<VisitorSite, 'now'> & {
  readonly visitor: Pick<VisitorSite['visitor'], 'seals'>
}

/** A sentence, by its key; rendered in the language of the page that shows it. */
const messageShape = z.object({
  key: z.custom<Key>((key) => typeof key === 'string' && isKey(key)),
  params: z
    .record(z.string(), z.union([z.string(), z.number(), z.object({ date: z.string() })]))
    .default({}),
}) satisfies z.ZodType<Message>
const refusalShape = z.object({
  code: z.enum(['invalid', 'forbidden', 'not_found', 'expired']),
  message: messageShape,
  fields: z.record(z.string(), messageShape),
})
const shape = z.object({
  body: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  refusal: refusalShape.nullable(),
})

/** Why a form is given back. */
export type Refusal = z.infer<typeof refusalShape>

/** A form as it was sent, and why it is given back: null when nothing is wrong with it. */
export type RedisplayedForm = z.infer<typeof shape>

/**
 * How many characters of each field may be given back: as many as a valid one holds, and some more.
 */
const FIELD_LIMITS: Readonly<Record<string, number>> = {
  email: 254,
  name: 100,
  time: 40,
  zone: 64,
  daily: 3,
  pace: 1,
  quietFrom: 20,
  quietTo: 20,
  until: 20,
  do: 20,
  enrollment: 36,
  series: 64,
  article: 120,
  slowly: 3,
  to: 200,
}

interface ToSeal {
  readonly body: Readonly<Record<string, unknown>>
  readonly refusal: Refusal | null
  /** Limits for the course's own fields. */
  readonly own?: Readonly<Record<string, number>>
}

/**
 * Returns the query that carries a form: under 5,000 characters whatever was sent, and under 8,000
 * for a course with fields of its own.
 */
export function sealedForm(
  { visitor: { seals }, now }: Sealing,
  form: string,
  { body, refusal, own: ownLimits = {} }: ToSeal,
): string {
  const texts = Object.entries({ ...FIELD_LIMITS, ...ownLimits }).flatMap(([name, most]) => {
    const value = body[name]
    return typeof value === 'string' && value !== '' ? [[name, value.slice(0, most)]] : []
  })
  const weekdays = [body.weekdays ?? []].flat().filter((day) => /^[1-7]$/.test(String(day)))
  const accepted = { ...Object.fromEntries(texts), weekdays: [...new Set(weekdays)] }
  return `?form=${seals.seal(`form ${form}`, { body: accepted, refusal }, now())}`
}

/** Returns the form that was given back to the requested page, or null. */
export function redisplayedForm(
  { visitor: { seals }, now }: Sealing,
  form: string,
  c: Context,
): RedisplayedForm | null {
  const sealed = c.req.query('form')
  const parsed = sealed ? shape.safeParse(seals.open(`form ${form}`, sealed, now())) : null
  if (!parsed?.success) return null
  c.header('X-Robots-Tag', 'noindex')
  return parsed.data
}

/**
 * Data that lets somebody notice a mistyped address, with a link back to the form, filled in and at
 * the address field.
 */
export const addressCheckOf = (c: Context, path: string, { body }: RedisplayedForm) => ({
  email: String(body.email ?? '').trim(),
  /** True if the request is carried out later, when its turn comes. */
  slowly: body.slowly === 'yes',
  url: `${path}?form=${c.req.query('form')}#email`,
})

/**
 * Data of a page that asks the visitor to check their inbox, with or without the entered address.
 */
export const checkInboxData = (check: ReturnType<typeof addressCheckOf> | null) => ({
  check,
  slowly: check?.slowly ?? false,
})

/** The HTTP status of a page that gives a form back. */
export const statusOf = (given: RedisplayedForm | null): ContentfulStatusCode =>
  given?.refusal ? HTTP_STATUS[given.refusal.code] : 200

/**
 * Returns the part of a problem that can be sealed; null for one that is answered directly, such as
 * a temporary one.
 */
export function refusalOf({ code, key, params, fields }: Problem): Refusal | null {
  const known = refusalShape.shape.code.safeParse(code)
  if (!known.success) return null
  const sealed = Object.entries(fields).map(([name, { key, params = {} }]) => [
    name,
    { key, params },
  ])
  return { code: known.data, message: { key, params }, fields: Object.fromEntries(sealed) }
}

/**
 * Shows the problem of a form that cannot be given back on a page reached by GET. A browser is
 * redirected there; a client that does not ask for HTML, such as a mail provider's one-click POST
 * (standards.md A7), gets its response directly.
 */
export function redirectProblemsAfterPost(
  app: Sealing & LanguageSite,
  pages: Pages,
): MiddlewareHandler {
  const purpose = (c: Context) => `problem ${c.req.path}`
  return async (c, next) => {
    const sealed = c.req.query('problem')
    if (sealed && c.req.method !== 'POST') {
      const parsed = sealedProblemShape.safeParse(
        app.visitor.seals.open(purpose(c), sealed, app.now()),
      )
      if (parsed.success) {
        const { code, message, language } = parsed.data
        if (language !== undefined) useLanguage(c, { language }, app)
        return problemPage(c, pages, new Problem(code, message.key, { params: message.params }))
      }
    }
    await next()
    const refusal = c.error instanceof Problem ? refusalOf(c.error) : null
    if (!refusal || !isSentByBrowser(c)) return
    // A bad link is just as bad for GET, whose page reports it and offers a fresh one.
    const isOfLink = refusal.code === 'not_found' || refusal.code === 'expired'
    const query = isOfLink
      ? ''
      : `?problem=${app.visitor.seals.seal(purpose(c), withLanguage(refusal, c), app.now())}`
    c.res = c.redirect(c.req.path + query, 303)
  }
}

/**
 * The reason, with the language of the request's subject: the page that shows it is rendered before
 * any route runs.
 */
const sealedProblemShape = refusalShape.extend({ language: z.string().optional() })
const withLanguage = (refusal: Refusal, c: Context) => ({
  ...refusal,
  language: c.get('locale')?.language,
})

const isSentByBrowser = (c: Context) =>
  c.req.method === 'POST' &&
  (c.req.header('accept')?.includes('text/html') ?? false) &&
  !/^\/(unsubscribe|answers)\//.test(c.req.path)
