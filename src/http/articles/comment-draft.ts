/**
 * A comment that was not taken. It is too long for an address, where the house keeps forms that are
 * given back (given-back.ts): so it is kept for its author, and the page to which they are sent
 * shows it.
 */
import type { Context } from 'hono'
import { z } from 'zod'
import { MOST_UNITS } from '../../domain/comment-text.ts'
import type { Member } from '../../domain/member.ts'
import { Problem } from '../../domain/problem.ts'
import { formOf } from '../shared/form.ts'
import { type Refusal, refusalOf } from '../shared/given-back.ts'
import type { CommentSite } from '../shared/site.ts'

const text = z.string().catch('')
const id = z.string().max(36).catch('')

const shape = z.object({
  do: text,
  text,
  name: z.string().max(200).catch(''),
  parent: id,
  which: id,
  nonce: id,
  /** Whether the form had the box, and whether it was ticked. */
  asksWish: text,
  wants: text,
})

/** What a comment's form sent. */
export interface CommentForm {
  readonly text: string
  readonly name: string
  /** The comment that is answered. */
  readonly parent: string | null
  /** The comment that is changed, or deleted. */
  readonly which: string | null
  readonly nonce: string
  readonly wants: 'yes' | ''
  readonly asksWish: boolean
  readonly isDeletion: boolean
}

export function sentForm(c: Context): CommentForm {
  const body = shape.parse(formOf(c))
  return {
    text: body.text.slice(0, MOST_UNITS + 1),
    name: body.name,
    parent: body.parent || null,
    which: body.which || null,
    nonce: body.nonce,
    wants: body.wants === 'yes' ? 'yes' : '',
    asksWish: body.asksWish === 'yes',
    isDeletion: body.do === 'delete',
  }
}

type Draft = CommentForm & { readonly refusal: Refusal }

/** Keeps what was sent, and why it was not taken. Throws what is no reason that can be told so. */
export async function keepDraft(
  app: CommentSite,
  { id }: Member,
  { article, form, problem }: { article: string; form: CommentForm; problem: unknown },
): Promise<void> {
  const refusal = problem instanceof Problem ? reasonIn(problem) : null
  if (!refusal) throw problem
  await app.comments.keepDraft(id, { article, form: { ...form, refusal } satisfies Draft })
}

/** Too many within an hour: the text is there to be sent later. */
function reasonIn(problem: Problem): Refusal | null {
  if (problem.code !== 'too_many') return refusalOf(problem)
  const { key, params } = problem
  return { code: 'forbidden', message: { key, params }, fields: {} }
}

/** What a member sent last under an article, and was not taken. */
export async function draftFor(app: CommentSite, { id }: Member, article: string) {
  const draft = await app.comments.draftOf(id)
  return draft?.article === article ? (draft.form as Draft) : null
}
