/** Unsubscribing from mails about answers, by the link in any of them. GET changes nothing. */
import { type Context, Hono } from 'hono'
import { expectMember } from '../members/session.ts'
import { formOf, formOrEmpty } from '../shared/form.ts'
import { UNSUBSCRIBED } from '../shared/one-click.ts'
import type { Pages } from '../shared/pages.ts'
import type { CommentSite } from '../shared/site.ts'

export const answerMailPages = (app: CommentSite, pages: Pages) =>
  new Hono()
    .get('/answers/:token', async (c) => {
      const id = idIn(c, app)
      const ended = c.req.query('left') !== undefined && !(await app.comments.wantsAnswers(id))
      return c.html(pages(c, 'answers', { ended }))
    })
    .post('/answers/:token', async (c) => {
      await app.comments.wishAnswers(idIn(c, app), 'no')
      // A provider's own POST gets no redirect (RFC 8058).
      const isButton = formOrEmpty(c).do === 'end'
      return isButton ? c.redirect(`${c.req.path}?left=1`, 303) : c.text(UNSUBSCRIBED)
    })
    .post('/member/answers', async (c) => {
      const member = await expectMember(c, app, '/member')
      await app.comments.wishAnswers(member.id, formOf(c).wants === 'yes' ? 'yes' : 'no')
      return c.redirect('/member?answers=saved#answers', 303)
    })

/** Returns the member whose mails they are. A voided link still unsubscribes. */
const idIn = (c: Context, app: CommentSite) => app.links.read('answers', c.req.param('token') ?? '')
