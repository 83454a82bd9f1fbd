/** Handles what members send: a new comment, a new text for one, or a deletion. */
import { type Context, Hono } from 'hono'
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import { commentPath } from '../../domain/comment.ts'
import type { Member } from '../../domain/member.ts'
import { Problem } from '../../domain/problem.ts'
import { expectMember, sessionIn, setSessionCookie } from '../members/session.ts'
import { networkOf } from '../shared/client.ts'
import { formOf } from '../shared/form.ts'
import { looksHuman, SUBMIT_AGAIN } from '../shared/form-guard.ts'
import { useLanguage } from '../shared/language.ts'
import type { CommentSite } from '../shared/site.ts'
import { type CommentForm, keepDraft, sentForm } from './comment-draft.ts'
import { FORM } from './comments.ts'

export const commentForms = (app: CommentSite) =>
  new Hono().post('/articles/:slug/comments', async (c) => {
    const article = articleAt(c, app)
    const path = articlePath(article.slug)
    const member = await expectMember(c, app, `${path}#comments`)
    const form = sentForm(c)
    if (form.isDeletion) {
      if (form.which) await app.comments.remove({ member, id: form.which })
      return c.redirect(`${path}#comments`, 303)
    }
    try {
      const id = await submitComment(c, { member, article, form }, app)
      return c.redirect(commentPath(article.slug, id), 303)
    } catch (problem) {
      await keepDraft(app, member, { article: article.id, form, problem })
      return c.redirect(`${path}?draft=1#fault`, 303)
    }
  })

interface Sent {
  readonly member: Member
  readonly article: LiveArticle
  readonly form: CommentForm
}

/** Does what the form asks for; returns the id of its comment. */
async function submitComment(c: Context, { member, article, form }: Sent, app: CommentSite) {
  if (!looksHuman(FORM, { ...formOf(c) }, app.visitor.stamps, app.now()))
    throw new Problem('invalid', SUBMIT_AGAIN)
  if (member.name === null) await chooseName(c, form, app)
  const { text, which, parent, nonce, wants, asksWish } = form
  const written = { member, text, network: networkOf(c) }
  if (which !== null) {
    await app.comments.revise({ ...written, id: which })
    return which
  }
  const wantsAnswers = asksWish ? wants === 'yes' : undefined
  const { id } = await app.comments.post({
    ...written,
    article: article.id,
    parent,
    nonce,
    wantsAnswers,
  })
  return id
}

/** Sets the name that a member writes under, which they choose with their first comment. */
async function chooseName(c: Context, { name }: CommentForm, app: CommentSite): Promise<void> {
  setSessionCookie(c, app, await app.member.rename(sessionIn(c, app) ?? '', name))
}

function articleAt(c: Context, app: CommentSite): LiveArticle {
  const slug = c.req.param('slug') ?? ''
  const article = app.articles.named(slug)
  if (!article) throw new Problem('not_found', 'page.article.not-found')
  useLanguage(c, article, app)
  return article
}
