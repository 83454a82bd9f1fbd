/** A member's own page: their name, mails about answers, and signing out. */
import { type Context, Hono } from 'hono'
import { Problem } from '../../domain/problem.ts'
import { formOf } from '../shared/form.ts'
import { localeOf, useReaderLanguage } from '../shared/language.ts'
import type { Pages } from '../shared/pages.ts'
import { localizedMessage } from '../shared/problems.ts'
import { redisplayedForm, refusalOf, sealedForm, statusOf } from '../shared/redisplayed-form.ts'
import type { CommentSite } from '../shared/site.ts'
import { safePath } from './safe-path.ts'
import {
  clearSessionCookie,
  expectMember,
  formTokenFor,
  sessionIn,
  setSessionCookie,
} from './session.ts'
import { HOME } from './sign-in.ts'

/** The name of its form, for its seal. */
const FORM = '/member'

export const memberPages = (app: CommentSite, pages: Pages) =>
  new Hono()
    .get(HOME, async (c) => {
      const given = redisplayedForm(app, FORM, c)
      const member = await expectMember(c, app, pageWithDestination(c))
      const { language, ...profile } = await app.member.profileOf(member)
      useReaderLanguage(c, { language }, app)
      c.header('Cache-Control', 'no-store')
      const fault = given?.refusal?.fields.name
      return c.html(
        pages(c, 'member', {
          ...profile,
          entered: given ? String(given.body.name ?? '') : (profile.name ?? ''),
          fault: fault ? localizedMessage(fault, localeOf(c)) : '',
          to: safePath(c.req.query('to') ?? String(given?.body.to ?? '')) ?? '',
          saved: c.req.query('saved') === 'yes',
          session: formTokenFor(c, app),
          wantsAnswers: await app.comments.wantsAnswers(member.id),
          answersSaved: c.req.query('answers') === 'saved',
        }),
        statusOf(given),
      )
    })
    .post('/member/name', async (c) => {
      await expectMember(c, app, HOME)
      const { name, to } = textsOf(c)
      try {
        setSessionCookie(c, app, await app.member.rename(sessionIn(c, app) ?? '', name))
      } catch (problem) {
        const refusal = problem instanceof Problem ? refusalOf(problem) : null
        if (!refusal?.fields.name) throw problem
        return c.redirect(
          `${HOME}${sealedForm(app, FORM, { body: { name, to }, refusal })}#fault`,
          303,
        )
      }
      return c.redirect(safePath(to) ?? `${HOME}?saved=yes`, 303)
    })
    .post('/member/sign-out', async (c) => {
      await expectMember(c, app, HOME)
      const session = sessionIn(c, app) ?? ''
      if (textsOf(c).where === 'everywhere') await app.member.signOutEverywhere(session)
      else await app.member.signOut(session)
      clearSessionCookie(c, app)
      return c.redirect('/signed-out', 303)
    })
    .get('/signed-out', (c) => c.html(pages(c, 'signed-out', {})))

/** Returns the page's address with the destination after it, for members who must sign in first. */
function pageWithDestination(c: Context) {
  const to = safePath(c.req.query('to') ?? '')
  return to ? `${HOME}?to=${encodeURIComponent(to)}` : HOME
}

function textsOf(c: Context) {
  const { name, to, where } = formOf(c)
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return { name: text(name), to: text(to), where: text(where) }
}
