/** The comments below an article, and the form for writing one. */
import type { Context } from 'hono'
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import type { Comment } from '../../domain/comment.ts'
import type { Member } from '../../domain/member.ts'
import { dateIn } from '../../domain/time.ts'
import type { Locale } from '../../locales/locale.ts'
import { FORM_TOKEN, formTokenFor, memberIn } from '../members/session.ts'
import { agedStamp } from '../shared/form-guard.ts'
import { localeOf } from '../shared/language.ts'
import { HTTP_STATUS, localizedFields, localizedMessage } from '../shared/problems.ts'
import type { CommentSite } from '../shared/site.ts'
import { type CommentForm, draftFor } from './comment-draft.ts'

/** The name of the form, for its stamp. */
export const FORM = 'comment'

/** Anchor of the form, which is placed where its comment will appear. */
const WRITE = 'write'

type Shown = Awaited<ReturnType<CommentSite['comments']['of']>>
type Thread = Shown['threads'][number]

/**
 * Returns the data of the partial `comments` below an article; null if there is no such section.
 */
export async function commentsSection(
  c: Context,
  app: CommentSite,
  article: LiveArticle,
): Promise<Record<string, unknown> | null> {
  const member = await memberIn(c, app)
  const form = member && (await formFor(c, member, { app, article }))
  const shownComments = await app.comments.of({
    article: article.id,
    viewer: member?.id ?? null,
    page: Number(c.req.query('comments') ?? 1),
    comment: c.req.query('comment') ?? form?.parent ?? form?.which ?? undefined,
  })
  const { closed } = app.comments.settings
  if (closed && shownComments.count === 0) return null
  const path = articlePath(article.slug)
  const look = {
    path,
    form,
    locale: localeOf(c),
    mayAnswer: member !== null && !member.isBlocked && !closed,
  }
  const threads = shownComments.threads.map((thread) => threadIn(thread, look))
  const placed = form !== null && threads.some(({ items }) => items.some((item) => item.form))
  return {
    count: shownComments.count,
    threads,
    pages: pagesOf(shownComments, path),
    path,
    closed,
    blocked: member?.isBlocked === true && !closed,
    signIn: member || closed ? '' : `/sign-in?to=${encodeURIComponent(`${path}#comments`)}`,
    // The comment to answer or change is gone, so the form starts a new thread.
    write: look.mayAnswer && !placed && form ? { ...form, parent: null, which: null } : null,
    writeOwn: placed ? `${path}#${WRITE}` : '',
    token: { name: FORM_TOKEN, value: formTokenFor(c, app) },
  }
}

interface Where {
  readonly app: CommentSite
  readonly article: LiveArticle
}

/** Returns the form: empty, as it was sent, or with the comment to be changed. */
async function formFor(c: Context, member: Member, { app, article }: Where) {
  if (member.isBlocked || app.comments.settings.closed) return null
  const locale = localeOf(c)
  const draft = c.req.query('draft') ? await draftFor(app, member, article.id) : null
  const asked = draft ?? (await wanted(c, member, app))
  if (draft) c.status(HTTP_STATUS[draft.refusal.code])
  const { text = '', name = '', which = null } = asked
  const refusal = draft?.refusal
  const isFull = refusal?.message.key === 'page.comments.thread-full'
  const parent = isFull ? null : (asked.parent ?? null)
  const fields = refusal ? localizedFields(refusal.fields, locale) : {}
  return {
    text,
    name,
    parent,
    which,
    needsName: member.name === null,
    writesAs: member.name ?? '',
    wants: asked.wants ?? ((await app.comments.wantsAnswers(member.id)) ? 'yes' : ''),
    nonce: asked.nonce ?? crypto.randomUUID(),
    // Changing a word can take less than the minimum time of a form.
    stamp:
      draft || which
        ? agedStamp(FORM, app.visitor.stamps, app.now())
        : app.visitor.stamps.make(FORM, app.now()),
    faults: fields,
    fault:
      refusal && Object.keys(fields).length === 0 ? localizedMessage(refusal.message, locale) : '',
    isRefused: refusal !== undefined,
  }
}

type Form = NonNullable<Awaited<ReturnType<typeof formFor>>>

/** Returns what the links "Answer" and "Change" ask for. */
async function wanted(c: Context, member: Member, app: CommentSite): Promise<Partial<CommentForm>> {
  const which = c.req.query('edit')
  const text = which && (await app.comments.editableText({ member, id: which }))
  if (which && text) return { which, text }
  const parent = c.req.query('answer')
  return parent ? { parent } : {}
}

interface Look {
  readonly path: string
  readonly form: Form | null
  readonly locale: Locale
  readonly mayAnswer: boolean
}

function threadIn({ root, answers }: Thread, look: Look) {
  const all = [root, ...answers]
  const last = all.length - 1
  const answered = all.find(({ id }) => id === look.form?.parent)
  return {
    items: all.map((comment, index) => ({
      ...itemIn(comment, look),
      isAnswer: index > 0,
      // The form for an answer is placed where the answer will appear.
      form: look.form?.which === comment.id || (answered && index === last) ? look.form : null,
      answers: answered && index === last ? (answered.author ?? '') : '',
    })),
  }
}

function itemIn(comment: Comment, { path, form, locale, mayAnswer }: Look) {
  const { id, author, html, at, status, editedAt, isOwn, isEditable } = comment
  const ways = {
    edit: isEditable && mayAnswer ? `${path}?edit=${id}#${WRITE}` : '',
    answer: mayAnswer && status === 'published' ? `${path}?answer=${id}#${WRITE}` : '',
  }
  return {
    id,
    author: author ?? locale.t('page.comments.someone'),
    html,
    when: {
      words: locale.date(dateIn('UTC', at), 'full'),
      at: at.toString({ smallestUnit: 'second' }),
    },
    deleted: status === 'deleted',
    waits: status === 'waiting',
    rejected: status === 'rejected',
    edited: editedAt !== null,
    isOwn,
    isChanged: form?.which === id,
    ...ways,
    hasActions: isOwn || ways.answer !== '',
  }
}

const pagesOf = ({ page, pages }: Shown, path: string) =>
  pages < 2
    ? []
    : Array.from({ length: pages }, (_, index) => ({
        number: index + 1,
        isHere: index + 1 === page,
        href: `${path}?comments=${index + 1}#comments`,
      }))
