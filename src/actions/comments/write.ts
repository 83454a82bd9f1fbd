/** Writing a comment, changing it and taking it back. */
import { renderComment } from '../../content/comment-markdown.ts'
import { isEditable, MAX_ANSWERS, moderationReasonFor } from '../../domain/comment-rules.ts'
import { folded, MAX_CHARACTERS, readCommentText } from '../../domain/comment-text.ts'
import type { Member } from '../../domain/member.ts'
import { Problem } from '../../domain/problem.ts'
import type { Limiter } from '../../store/postgres/rate-limits.ts'
import type { Db } from '../../store/postgres/sql.ts'
import { isUuid, type Deps as SharedDeps } from './shared.ts'

export interface Deps extends SharedDeps {
  /** Limits how many a member, and a network, may write. */
  readonly commentLimits: Readonly<Record<'member' | 'network', Limiter>>
}

export interface CommentInput {
  readonly member: Pick<Member, 'id' | 'isBlocked'>
  readonly network: string
  readonly text: string
}

export interface CommentSubmission extends CommentInput {
  /** The slug under which the article was first published. */
  readonly article: string
  /** The comment that it answers. */
  readonly parent: string | null
  /** Nonce of the form, which makes posting idempotent. */
  readonly nonce: string
  /** Whether they want to be mailed when somebody answers; undefined leaves it was. */
  readonly wantsAnswers?: boolean | undefined
}

/**
 * Stores a comment, for everybody to read or for a moderator. The same form sent again returns the
 * comment it created.
 *
 * @throws Problem `invalid` with what is wrong with the text, `forbidden` where nobody may write,
 * or this member may not, `too_many` with the seconds to wait, `not_found` when what it answers is
 * not there.
 */
export async function post(
  posting: CommentSubmission,
  deps: Deps,
): Promise<{ readonly id: string }> {
  const { db, stores, commentSettings } = deps
  const { member, nonce } = posting
  if (!isUuid(nonce)) throw new Problem('invalid', 'form.again')
  const known = await stores.comments.byNonce(db, member.id, nonce)
  if (known) return known
  if (commentSettings.closed) throw new Problem('forbidden', 'page.comments.closed')
  if (member.isBlocked) throw blocked()
  const written = parseComment(posting.text)
  try {
    await ensureMayWrite(posting, deps)
  } catch (problem) {
    // The same form, sent at the same moment, may have created it by now.
    const made = await stores.comments.byNonce(db, member.id, nonce)
    if (made) return made
    throw problem
  }
  return db.transaction().execute((tx) => add(tx, { ...posting, ...written }, deps))
}

interface ParsedComment {
  readonly text: string
  readonly links: number
}

async function add(
  tx: Db,
  posting: CommentSubmission & ParsedComment,
  deps: Deps,
): Promise<{ readonly id: string }> {
  const { stores, now } = deps
  const { member, nonce, article, text, wantsAnswers } = posting
  await lockWriter(tx, member.id, deps)
  const known = await stores.comments.byNonce(tx, member.id, nonce)
  if (known) return known
  const parent = posting.parent === null ? null : await threadOf(tx, posting, deps)
  const reason = await reasonFor(tx, { ...posting, id: null }, deps)
  const comment = { article, parent, text, folded: folded(text), reason, nonce }
  const at = now()
  const id = await stores.comments.add(tx, { ...comment, subscriberId: member.id }, at)
  if (id === null) throw new Problem('unavailable', 'site.busy')
  if (reason === null) await stores.commentWishes.recordAnswer(tx, id)
  if (wantsAnswers === true) await stores.commentWishes.subscribe(tx, member.id, at)
  if (wantsAnswers === false) await stores.commentWishes.end(tx, member.id)
  await stores.commentDrafts.drop(tx, member.id)
  return { id }
}

export interface CommentRevision extends CommentInput {
  readonly id: string
}

/**
 * Replaces the text of a comment, while its author may change it.
 *
 * @throws Problem as `post`; `not_found` when it is not theirs, `forbidden` when it is too late.
 */
export async function revise(revision: CommentRevision, deps: Deps): Promise<void> {
  if (revision.member.isBlocked) throw blocked()
  const written = parseComment(revision.text)
  await editableComment(deps.db, revision, deps)
  await ensureMayWrite(revision, deps)
  await deps.db.transaction().execute(async (tx) => {
    const { stores, now } = deps
    const { member, id } = revision
    await lockWriter(tx, member.id, deps)
    const comment = await editableComment(tx, revision, deps)
    await stores.commentDrafts.drop(tx, member.id)
    if (comment.text === written.text) return
    const reason = await reasonFor(tx, { ...revision, ...written }, deps)
    const { text } = written
    await stores.comments.revise(tx, { id, text, folded: folded(text), reason }, now())
  })
}

/** Removes a comment, whatever became of it. Idempotent. */
export async function remove(
  { member, id }: Pick<CommentRevision, 'member' | 'id'>,
  { db, stores }: Pick<Deps, 'db' | 'stores'>,
): Promise<void> {
  if (!isUuid(id)) throw gone()
  await db.transaction().execute(async (tx) => {
    const comment = await stores.commentDecisions.lock(tx, id)
    if (comment?.subscriberId === member.id) await stores.comments.remove(tx, [id])
  })
}

/** Returns the text of a comment that its author may change now; null if they may not. */
export async function editableText(
  { member, id }: Pick<CommentRevision, 'member' | 'id'>,
  deps: Pick<Deps, 'db' | 'now' | 'stores'>,
): Promise<string | null> {
  const comment = await editableComment(deps.db, { member, id }, deps).catch((problem) => {
    if (problem instanceof Problem) return null
    throw problem
  })
  return comment?.text ?? null
}

const blocked = () => new Problem('forbidden', 'page.comments.blocked')
const gone = () => new Problem('not_found', 'page.comments.gone')

function parseComment(entered: string): ParsedComment {
  const read = readCommentText(entered)
  if ('fault' in read) {
    const key = read.fault === 'empty' ? 'form.comment.empty' : 'form.comment.too-long'
    throw faulty({ key, params: { most: MAX_CHARACTERS } })
  }
  const { text } = read
  const { links, words } = renderComment(text)
  // A text of Markdown marks alone is empty.
  if (words.trim() === '') throw faulty({ key: 'form.comment.empty', params: {} })
  return { text, links }
}

const faulty = (text: Problem['fields'][string]) =>
  new Problem('invalid', text.key, { params: text.params ?? {}, fields: { text } })

async function ensureMayWrite(
  { member, network }: CommentInput,
  { commentLimits }: Deps,
): Promise<void> {
  const seconds = (await commentLimits.member(member.id)) || (await commentLimits.network(network))
  if (seconds === 0) return
  throw new Problem('too_many', 'page.comments.wait', {
    params: { minutes: Math.ceil(seconds / 60) },
    retryAfter: seconds,
  })
}

/** Locks a member: their comments are stored one at a time, and none once they are blocked. */
async function lockWriter(tx: Db, id: string, { stores }: Pick<Deps, 'stores'>): Promise<void> {
  const member = await stores.comments.lockMember(tx, id)
  if (!member) throw new Problem('forbidden', 'page.comments.members-only')
  if (member.isBlocked) throw blocked()
}

async function editableComment(
  db: Db,
  { member, id }: Pick<CommentRevision, 'member' | 'id'>,
  { stores, now }: Pick<Deps, 'stores' | 'now'>,
) {
  const comment = isUuid(id) ? await stores.comments.byId(db, id) : null
  if (comment?.subscriberId !== member.id) throw gone()
  const isOpen = comment.status === 'waiting' || comment.status === 'published'
  if (!isOpen || !isEditable(comment.createdAt, now()))
    throw new Problem('forbidden', 'page.comments.too-late')
  return comment
}

/** Returns the comment that begins the thread. Only a published comment can be answered. */
async function threadOf(
  tx: Db,
  { parent, article }: CommentSubmission,
  { stores }: Pick<Deps, 'stores'>,
) {
  const answered = parent && isUuid(parent) ? await stores.comments.byId(tx, parent) : null
  if (answered?.status !== 'published' || answered.article !== article) throw gone()
  const thread = answered.parent ?? answered.id
  if ((await stores.comments.countAnswers(tx, thread)) >= MAX_ANSWERS)
    throw new Problem('forbidden', 'page.comments.thread-full')
  return thread
}

async function reasonFor(
  tx: Db,
  {
    member,
    id,
    text,
    links,
  }: Pick<CommentInput, 'member'> & ParsedComment & { readonly id: string | null },
  { stores, commentSettings }: Pick<Deps, 'stores' | 'commentSettings'>,
) {
  const isTrusted = await stores.comments.isTrusted(tx, member.id)
  const isRepeated = await stores.comments.isRepeated(tx, folded(text), id)
  return moderationReasonFor({ text, links, isTrusted, isRepeated }, commentSettings.words)
}
