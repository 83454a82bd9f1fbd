/**
 * The page where a reader sees and changes all their settings, by the link in any mail. No login,
 * no cookie; GET changes nothing.
 */

import { type Context, Hono } from 'hono'
import { ownFieldsOf } from '../../domain/course.ts'
import { type FieldFaults, Problem } from '../../domain/problem.ts'
import type { Message } from '../../locales/locale.ts'
import { networkOf } from '../shared/client.ts'
import { formOf } from '../shared/form.ts'
import { localeOf, localized, useReaderLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { respondWithProblem } from '../shared/problems.ts'
import {
  addressCheckOf,
  redisplayedForm,
  refusalOf,
  sealedForm,
  statusOf,
} from '../shared/redisplayed-form.ts'
import type { Overview, Person, ReaderSite } from '../shared/site.ts'
import {
  type Body,
  type ControlRefusal,
  PERSON_CONTROLS,
  SERIES_CONTROLS,
  VOID,
} from './controls.ts'
import { onBrokenLink } from './fresh-link.ts'
import { ownLimits } from './own-fields.ts'
import { type ControlOutcome, preferencesPage } from './preferences-page.ts'
import { undoBodyOf } from './saved.ts'

export function preferencesPages(app: ReaderSite, pages: Pages) {
  const show = async (c: Context, person: Person, outcome: ControlOutcome) => {
    const followed = app.links.read('preferences', c.req.param('token') ?? '')
    const page = await preferencesPage(localized(app, c), { person, followed }, outcome)
    return pages(c, 'preferences', page)
  }

  return new Hono()
    .onError(onBrokenLink(app, pages))
    .get('/preferences/:token', async (c) => {
      const token = c.req.param('token')
      const person = await personOf(app, token)
      useReaderLanguage(c, person, app)
      const { done = '', of = '' } = c.req.query()
      const given = redisplayedForm(app, formOn(token), c)
      if (given?.refusal) {
        const problem = problemOf(person, given.body, given.refusal)
        return c.html(await show(c, person, { problem }), statusOf(given))
      }
      const check = given?.body.do === 'address' ? addressCheckOf(c, c.req.path, given) : null
      const undo = check ? null : (given?.body ?? null)
      return c.html(await show(c, person, { done: { name: done, of }, check, undo }))
    })
    .post('/preferences/:token', async (c) => {
      const token = c.req.param('token')
      const person = await personOf(app, token)
      useReaderLanguage(c, person, app)
      const body = formOf(c)
      const { name, overview } = submittedControl(person, body)
      const before = overview ? await undoBodyOf(app, name, overview) : null
      const refused = await attempt(() =>
        controlOf(app, name, { token, person, overview, body }, c)(),
      )
      // The link used here is void now, so it must show nothing more.
      if (!refused && name === VOID) return c.redirect('/link/renewed', 303)
      if (!refused) {
        // A mistyped address is noticed on the page that says where the mail went.
        const kept = name === 'address' ? body : before
        const sent = kept ? sealedForm(app, formOn(token), { body: kept, refusal: null }) : '?'
        return c.redirect(
          doneUrl(token, sent, { done: name, of: overview?.series.slug ?? 'you' }),
          303,
        )
      }
      const refusal = refusalOf(refused)
      const problem = problemOf(person, body, { message: refused, fields: refused.fields })
      if (!refusal) return respondWithProblem(c, refused, await show(c, person, { problem }))
      const limits = overview ? ownLimits(ownFieldsOf(overview.series)) : {}
      const form = sealedForm(app, formOn(token), { body, refusal, own: limits })
      return c.redirect(`/preferences/${token}${form}#fault`, 303)
    })
}

/** Names the forms of one reader's page, for giving them back. */
const formOn = (token: string) => `preferences ${token}`

/** Returns the button that sent a form, and the series it belongs to. */
function submittedControl(person: Person, body: Body) {
  const slug = person.enrolledIn(String(body.enrollment ?? ''))
  const overview = person.overviews.find(({ series }) => series.slug === slug)
  return { name: String(body.do ?? ''), overview }
}

/** Returns what to report about a form, and where. */
function problemOf(
  person: Person,
  body: Body,
  { message, fields }: { readonly message: Message; readonly fields: FieldFaults },
) {
  const { name, overview } = submittedControl(person, body)
  const ofPerson = Object.hasOwn(PERSON_CONTROLS, name)
  const of = overview?.id ?? (ofPerson ? 'you' : 'page')
  const said: FieldFaults = Object.keys(fields).length > 0 ? fields : { control: message }
  return { of, name, body, fields: said }
}

interface Sent {
  readonly token: string
  readonly person: Person
  readonly overview: Overview | undefined
  readonly body: Body
}

/** Returns what the button `name` does: for the person, or for one of their series. */
function controlOf(
  app: ReaderSite,
  name: string,
  { token, person, overview, body }: Sent,
  c: Context,
) {
  const asked = { body, network: networkOf(c), locale: localeOf(c) }
  const ofPerson = Object.hasOwn(PERSON_CONTROLS, name) ? PERSON_CONTROLS[name] : undefined
  if (ofPerson) {
    const enrollment = app.links.read('preferences', token)
    return () => ofPerson(app, { subscriber: person.id, enrollment, epoch: person.epoch }, body)
  }
  const control = Object.hasOwn(SERIES_CONTROLS, name) ? SERIES_CONTROLS[name] : undefined
  if (!control) throw new Problem('invalid', 'form.action-unknown')
  if (!overview) throw new Problem('not_found', 'enrollment.ended')
  return () => control(app, overview, asked)
}

/** Returns what was wrong with a form, to be shown on the page. */
async function attempt(
  run: () => Promise<ControlRefusal | undefined>,
): Promise<Problem | undefined> {
  try {
    const refused = await run()
    return refused && new Problem('invalid', 'form.invalid', { fields: refused.fields })
  } catch (problem) {
    if (problem instanceof Problem) return problem
    throw problem
  }
}

/** Returns the address of the updated page, at the confirmation; reloading it repeats nothing. */
const doneUrl = (token: string, query: string, said: Record<string, string>) =>
  `/preferences/${token}${query}&${new URLSearchParams(said)}#done`.replace('?&', '?')

/**
 * Returns the person whose page a link opens, with the link's epoch: the link may be voided while
 * the request runs.
 */
export async function personOf(app: ReaderSite, token: string) {
  const { id, epoch } = await app.reader.follow('preferences', token)
  const person = await app.reader.overviewBy(id)
  if (!person) throw new Problem('expired', 'enrollment.no-more-emails')
  return { ...person, epoch }
}
