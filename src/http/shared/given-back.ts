/**
 * Redirect after post. A form is never answered with a page: what came of it is a page of its own,
 * to which the browser is sent (303), so that Back, Forward and Reload never ask to send the form
 * again. What the form held, and what is wrong with it, goes along sealed in the address: nothing
 * is kept here, nobody else can read it, and it works in a frame on another site, where no cookie
 * does.
 */

import type { Context, MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { Problem } from '../../domain/problem.ts'
import { isKey, type Key, type Message } from '../../locales/locale.ts'
import { type Speaking, speakOf } from './language.ts'
import type { Pages } from './pages.ts'
import { HTTP_STATUS, problemPage } from './problems.ts'
import type { VisitorSite } from './site.ts'

type Sealing = Pick<VisitorSite, 'now'> & {
  readonly visitor: Pick<VisitorSite['visitor'], 'seals'>
}

/** A sentence, by its key; in the language of the page that shows it. */
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
export type GivenBack = z.infer<typeof shape>

/**
 * What may be given back of each field, in characters: as much as a good one holds, and some more.
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
  /** The same of a course's own fields. */
  readonly own?: Readonly<Record<string, number>>
}

/** What the address of a page carries of a form; under 5,000 characters whatever was sent, and
 * under 8,000 for a course with fields of its own. */
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

/** The form that was given back to the page that is asked for, or null. */
export function givenBack(
  { visitor: { seals }, now }: Sealing,
  form: string,
  c: Context,
): GivenBack | null {
  const sealed = c.req.query('form')
  const parsed = sealed ? shape.safeParse(seals.open(`form ${form}`, sealed, now())) : null
  if (!parsed?.success) return null
  c.header('X-Robots-Tag', 'noindex')
  return parsed.data
}

/**
 * What lets somebody see a mistyped address, and leads back to the form, filled in and at the
 * address.
 */
export const checkOf = (c: Context, path: string, { body }: GivenBack) => ({
  email: String(body.email ?? '').trim(),
  /** It is carried out when its turn comes. */
  slowly: body.slowly === 'yes',
  url: `${path}?form=${c.req.query('form')}#email`,
})

/**
 * What a page that asks to look into the inbox shows, with or without the address that was entered.
 */
export const askedWith = (check: ReturnType<typeof checkOf> | null) => ({
  check,
  slowly: check?.slowly ?? false,
})

/** The status of a page that gives a form back. */
export const statusOf = (given: GivenBack | null): ContentfulStatusCode =>
  given?.refusal ? HTTP_STATUS[given.refusal.code] : 200

/**
 * What can be sealed of a problem; null for one that is answered at once, as it stands: it passes
 * by itself.
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
 * Shows the problem of a form that cannot be given back on a page that GET leads to. A browser is
 * sent there; what asks for no page, as a mail provider's one-click POST (standards.md A7), has its
 * answer at once.
 */
export function tellAfterPost(app: Sealing & Speaking, pages: Pages): MiddlewareHandler {
  const purpose = (c: Context) => `problem ${c.req.path}`
  return async (c, next) => {
    const sealed = c.req.query('problem')
    if (sealed && c.req.method !== 'POST') {
      const parsed = toldShape.safeParse(app.visitor.seals.open(purpose(c), sealed, app.now()))
      if (parsed.success) {
        const { code, message, language } = parsed.data
        if (language !== undefined) speakOf(c, { language }, app)
        return problemPage(c, pages, new Problem(code, message.key, { params: message.params }))
      }
    }
    await next()
    const refusal = c.error instanceof Problem ? refusalOf(c.error) : null
    if (!refusal || !isSentByBrowser(c)) return
    // What is wrong with a link is wrong with it for GET as well, and told there with the way to a
    // fresh one.
    const isOfLink = refusal.code === 'not_found' || refusal.code === 'expired'
    const query = isOfLink
      ? ''
      : `?problem=${app.visitor.seals.seal(purpose(c), withLanguage(refusal, c), app.now())}`
    c.res = c.redirect(c.req.path + query, 303)
  }
}

/** Why, and in the language of what it was about: the page that tells it comes before any route. */
const toldShape = refusalShape.extend({ language: z.string().optional() })
const withLanguage = (refusal: Refusal, c: Context) => ({
  ...refusal,
  language: c.get('locale')?.language,
})

const isSentByBrowser = (c: Context) =>
  c.req.method === 'POST' &&
  (c.req.header('accept')?.includes('text/html') ?? false) &&
  !/^\/(unsubscribe|answers)\//.test(c.req.path)
