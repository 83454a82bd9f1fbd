/**
 * A comment that was not accepted. It is too long for an address, where other forms are kept
 * (redisplayed-form.ts), so it is stored for its author and shown on the page to which they are
 * redirected.
 */
import type { Context } from 'hono'
import { z } from 'zod'
import { MAX_UTF16_UNITS } from '../../domain/comment-text.ts'
import type { Member } from '../../domain/member.ts'
import { Problem } from '../../domain/problem.ts'
import { formOf } from '../shared/form.ts'
import { type Refusal, refusalOf } from '../shared/redisplayed-form.ts'
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
  /** Whether the form had the checkbox; `wants` is whether it was checked. */
  asksWish: text,
  wants: text,
})

export interface CommentForm {
  readonly text: string
  readonly name: string
  /** The comment being answered. */
  readonly parent: string | null
  /** The comment being changed or deleted. */
  readonly which: string | null
  readonly nonce: string
  readonly wants: 'yes' | ''
  readonly asksWish: boolean
  readonly isDeletion: boolean
}

export function sentForm(c: Context): CommentForm {
  const body = shape.parse(formOf(c))
  return {
    text: body.text.slice(0, MAX_UTF16_UNITS + 1),
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

/**
 * Stores what was sent and why it was not accepted. Rethrows problems that cannot be shown that
 * way.
 */
export async function keepDraft(
  app: CommentSite,
  { id }: Member,
  { article, form, problem }: { article: string; form: CommentForm; problem: unknown },
): Promise<void> {
  const refusal = problem instanceof Problem ? reasonIn(problem) : null
  if (!refusal) throw problem
  await app.comments.keepDraft(id, { article, form: { ...form, refusal } satisfies Draft })
}

/** Too many comments within an hour are shown as well: the text is kept to be sent later. */
function reasonIn(problem: Problem): Refusal | null {
  if (problem.code !== 'too_many') return refusalOf(problem)
  const { key, params } = problem
  return { code: 'forbidden', message: { key, params }, fields: {} }
}

/** Returns the comment that a member last sent under an article, if it was not accepted. */
export async function draftFor(app: CommentSite, { id }: Member, article: string) {
  const draft = await app.comments.draftOf(id)
  return draft?.article === article ? (draft.form as Draft) : null
}
