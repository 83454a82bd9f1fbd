/** Connects comments to what they use: Markdown, limits, mails. */
import { type Deciding, decide, list, lookAt, setBlocked } from '../actions/comments/decide.ts'
import { moderatorBy } from '../actions/comments/moderators.ts'
import { planCommentMails } from '../actions/comments/plan-mails.ts'
import { commentsOf, type Looking } from '../actions/comments/read.ts'
import { sendCommentMails } from '../actions/comments/send-mails.ts'
import { isId } from '../actions/comments/shared.ts'
import { openWishes } from '../actions/comments/wishes.ts'
import {
  changeable,
  type Posting,
  post,
  type Revising,
  remove,
  revise,
} from '../actions/comments/write.ts'
import { renderComment } from '../content/comment-markdown.ts'
import { COMMENT_LIMITS, NO_SETTINGS } from '../domain/comment-rules.ts'
import { composeNotice } from '../mail/message/compose.ts'
import { type CommentMail, renderCommentMail } from '../mail/render/comment-mail.ts'
import type { commentDecisions } from '../store/index.ts'
import { openLimits } from '../store/postgres/rate-limits.ts'
import type { openArticles } from './articles.ts'
import type { Deps } from './deps.ts'
import type { Ground } from './ground.ts'
import type { Mailing } from './mail.ts'

/** What members and moderators do with comments. */
export function openComments(given: Deps, ground: Ground, articles: Articles) {
  const deps = depsFor(given, ground)
  return {
    settings: deps.commentSettings,
    of: (looking: Looking) => commentsOf(looking, deps),
    post: (posting: Posting) => post(posting, deps),
    revise: (revising: Revising) => revise(revising, deps),
    remove: (which: Pick<Revising, 'member' | 'id'>) => remove(which, deps),
    changeable: (which: Pick<Revising, 'member' | 'id'>) => changeable(which, deps),
    ...openDrafts(deps),
    ...openWishes(deps),
    moderatorBy: (mark: number) => moderatorBy(mark, deps),
    decide: (deciding: Deciding) => decide(deciding, deps),
    setBlocked: (setting: Parameters<typeof setBlocked>[0]) => setBlocked(setting, deps),
    lookAt: (id: string) => lookAt(id, deps),
    list: (listing: commentDecisions.Listing) => list(listing, deps),
    /** Returns whether somebody has ever signed in. */
    isMember: async (id: string) => (await deps.stores.comments.memberBy(deps.db, id)) !== null,
    isId,
    /** Returns the slug by which comments name an article, given any slug it has had. */
    idOf: (slug: string) => articles.named(slug)?.id ?? slug,
    rendered: renderComment,
    /** Plans mails about comments, and sends those that are due. */
    mail: async () => {
      await ground.clock?.refresh()
      await planCommentMails(deps)
      await sendCommentMails(deps)
    },
  }
}

type Articles = Awaited<ReturnType<typeof openArticles>>['articles']

function depsFor(given: Deps, { config, database, locales, secrets }: Ground) {
  const { limit } = openLimits(database.pool)
  const { comments = NO_SETTINGS, language } = config.site.settings
  const { templates, letterhead }: Mailing = given
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
  keepDraft: (subscriberId: string, draft: Parameters<typeof stores.commentDrafts.keep>[2]) =>
    stores.commentDrafts.keep(db, subscriberId, draft, now()),
  draftOf: (subscriberId: string) => stores.commentDrafts.of(db, subscriberId),
})
