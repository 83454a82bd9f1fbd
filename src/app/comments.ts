/** Connects comments to what they use: Markdown, limits, mails. */
import {
  type DecisionRequest,
  decide,
  inspectComment,
  list,
  setBlocked,
} from '../actions/comments/decide.ts'
import { moderatorBy } from '../actions/comments/moderators.ts'
import { planCommentMails } from '../actions/comments/plan-mails.ts'
import { type CommentsQuery, commentsOf } from '../actions/comments/read.ts'
import { sendCommentMails } from '../actions/comments/send-mails.ts'
import { isUuid } from '../actions/comments/shared.ts'
import { openWishes } from '../actions/comments/wishes.ts'
import {
  type CommentRevision,
  type CommentSubmission,
  editableText,
  post,
  remove,
  revise,
} from '../actions/comments/write.ts'
import { renderComment } from '../content/comment-markdown.ts'
import { COMMENT_LIMITS, DEFAULT_COMMENT_SETTINGS } from '../domain/comment-rules.ts'
import { composeNotice } from '../mail/message/compose.ts'
import { type CommentMail, renderCommentMail } from '../mail/render/comment-mail.ts'
import type { commentDecisions } from '../store/index.ts'
import { openLimits } from '../store/postgres/rate-limits.ts'
import type { openArticles } from './articles.ts'
import type { Deps } from './deps.ts'
import type { Infrastructure } from './infrastructure.ts'
import type { MailSetup } from './mail.ts'

/** What members and moderators do with comments. */
export function openComments(given: Deps, infrastructure: Infrastructure, articles: Articles) {
  const deps = depsFor(given, infrastructure)
  return {
    settings: deps.commentSettings,
    of: (looking: CommentsQuery) => commentsOf(looking, deps),
    post: (posting: CommentSubmission) => post(posting, deps),
    revise: (revising: CommentRevision) => revise(revising, deps),
    remove: (which: Pick<CommentRevision, 'member' | 'id'>) => remove(which, deps),
    editableText: (which: Pick<CommentRevision, 'member' | 'id'>) => editableText(which, deps),
    ...openDrafts(deps),
    ...openWishes(deps),
    moderatorBy: (mark: number) => moderatorBy(mark, deps),
    decide: (deciding: DecisionRequest) => decide(deciding, deps),
    setBlocked: (setting: Parameters<typeof setBlocked>[0]) => setBlocked(setting, deps),
    inspectComment: (id: string) => inspectComment(id, deps),
    list: (listing: commentDecisions.ListOptions) => list(listing, deps),
    /** Returns whether somebody has ever signed in. */
    isMember: async (id: string) => (await deps.stores.comments.findMember(deps.db, id)) !== null,
    isUuid,
    /** Returns the slug by which comments name an article, given any slug it has had. */
    idOf: (slug: string) => articles.named(slug)?.id ?? slug,
    rendered: renderComment,
    /** Plans mails about comments, and sends those that are due. */
    mail: async () => {
      await infrastructure.clock?.refresh()
      await planCommentMails(deps)
      await sendCommentMails(deps)
    },
  }
}

type Articles = Awaited<ReturnType<typeof openArticles>>['articles']

function depsFor(given: Deps, { config, database, locales, secrets }: Infrastructure) {
  const { limit } = openLimits(database.pool)
  const { comments = DEFAULT_COMMENT_SETTINGS, language } = config.site.settings
  const { templates, letterhead }: MailSetup = given
  return {
    ...given,
    locales,
    addressHashes: secrets.addressHashes,
    commentSettings: comments,
    commentLimits: {
      member: limit(COMMENT_LIMITS.member),
      network: limit(COMMENT_LIMITS.network),
    },
    siteLanguage: language,
    renderCommentMail: (mail: CommentMail) => renderCommentMail(mail, { templates, letterhead }),
    composeNotice: (
      notice: Parameters<typeof composeNotice>[0],
      terms: Parameters<typeof composeNotice>[1],
    ) => composeNotice(notice, terms, config.mail.from),
  }
}

const openDrafts = ({ db, now, stores }: Deps) => ({
  keepDraft: (subscriberId: string, draft: Parameters<typeof stores.commentDrafts.save>[2]) =>
    stores.commentDrafts.save(db, subscriberId, draft, now()),
  draftOf: (subscriberId: string) => stores.commentDrafts.of(db, subscriberId),
})
