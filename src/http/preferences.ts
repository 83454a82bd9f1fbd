/** The page where a reader sees and changes all of it, by the link of any mail. No login, no cookie; GET changes nothing. */
import { type Context, Hono } from 'hono'
import type { App } from '../app.ts'
import { Problem } from '../domain/problem.ts'
import { networkOf } from './client.ts'
import { type Body, CONTROLS, PERSONAL, type Refused, type Standing } from './controls.ts'
import { formOf } from './enroll-form.ts'
import { lostLink } from './fresh-link.ts'
import type { Pages } from './pages.ts'
import { preferencesPage, type Said } from './preferences-page.ts'
import { answer } from './problems.ts'
import { FORM_LIMIT } from './public.ts'

export function preferencesPages(app: App, pages: Pages) {
  const show = async (token: string, said: Said = {}) =>
    pages('preferences', await preferencesPage(app, await personOf(app, token), said))

  return new Hono()
    .onError(lostLink(app, pages))
    .get('/preferences/:token', async (c) => {
      const { done = '', of = '' } = c.req.query()
      return c.html(await show(c.req.param('token'), { done: { name: done, of } }))
    })
    .post('/preferences/:token', FORM_LIMIT, async (c) => {
      const token = c.req.param('token')
      const person = await personOf(app, token)
      const body = await formOf(c)
      const name = String(body.do ?? '')
      const slug = person.enrolledIn(String(body.enrollment ?? ''))
      const standing = person.standings.find(({ series }) => series.slug === slug)
      const use = controlOf(app, name, { token, person, standing, body }, c)
      const refused = await attempt(use)
      if (!refused) return done(c, token, name, slug ?? 'you')
      const problem = { ...refused, of: standing?.id ?? 'you', name, body }
      return answer(c, refused, await show(token, { problem }))
    })
}

interface Sent {
  readonly token: string
  readonly person: Awaited<ReturnType<typeof personOf>>
  readonly standing: Standing | undefined
  readonly body: Body
}

/** What the button `name` does: for the person, or for one of their series. */
function controlOf(app: App, name: string, { token, person, standing, body }: Sent, c: Context) {
  const network = networkOf(c, app.config.http.trustProxy)
  const ofPerson = Object.hasOwn(PERSONAL, name) ? PERSONAL[name] : undefined
  if (ofPerson) {
    const enrollment = app.links.read('preferences', token, app.now())
    return () => ofPerson(app, { subscriber: person.id, enrollment }, body)
  }
  const control = Object.hasOwn(CONTROLS, name) ? CONTROLS[name] : undefined
  if (!control) throw new Problem('invalid', 'That button is not known here. Please go back and try again.')
  if (!standing) throw new Problem('not_found', 'This series has ended; there is nothing to change.')
  return () => control(app, standing, body, network)
}

/** What was wrong with a form, to be said at its field; what else is thrown has no form to go back to. */
async function attempt(run: () => Promise<Refused | undefined>) {
  try {
    const refused = await run()
    return refused && { ...refused, code: 'invalid' as const, retryAfter: null }
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code === 'not_found') throw problem
    const fields = Object.keys(problem.fields).length > 0 ? problem.fields : { control: problem.message }
    return { fields, code: problem.code, retryAfter: problem.retryAfter }
  }
}

/** Leads to the page as it is now, at the words that say what was done; reloading it does nothing again. */
const done = (c: Context, token: string, name: string, series: string) =>
  c.redirect(`/preferences/${token}?done=${name}&of=${encodeURIComponent(series)}#done`, 303)

export async function personOf(app: App, token: string) {
  const person = await app.standingBy(app.links.read('preferences', token, app.now()))
  if (!person) throw new Problem('expired', 'We no longer know this subscription; nothing more will be sent.')
  return person
}
