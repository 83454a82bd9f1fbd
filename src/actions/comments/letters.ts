/** The contents of mails about comments. */
import type { Key, Locale, Locales } from '../../locales/locale.ts'
import type { Notice, NoticeTerms } from '../../mail/message/compose.ts'
import type { CommentMail, MailedComment } from '../../mail/render/comment-mail.ts'
import type { Links } from '../../security/links.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'
import {
  type CommentHeadingDeps,
  commentHeadingOf,
  MAX_COMMENTS_PER_MAIL,
  toMailedAnswer,
} from '../shared/answers.ts'
import {
  type Moderator,
  type Deps as ModeratorDeps,
  moderatorMarkOf,
  moderatorsOf,
} from './moderators.ts'

export interface Deps extends ModeratorDeps, Omit<CommentHeadingDeps, 'locale'> {
  readonly db: Db
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'commentDecisions' | 'commentWishes' | 'subscribers'>
  readonly links: Links
  readonly locales: Locales
  readonly letterhead: { readonly siteName: string }
  /** BCP 47 tag of the site's own language. */
  readonly siteLanguage: string
  readonly renderCommentMail: (mail: CommentMail) => Promise<Notice>
}

export interface CommentLetter extends Pick<NoticeTerms, 'to' | 'list'> {
  readonly notice: Notice
}

type Claimed = stores.commentMails.ClaimedMail

/** Length of an answer's excerpt, in UTF-16 units; the page has all of it. */
const EXCERPT_LENGTH = 600

/** Returns the mail of a claimed row; null if there is nothing to say, or nobody to say it to. */
export const letterFor = (claimed: Claimed, deps: Deps): Promise<CommentLetter | null> =>
  claimed.kind === 'moderation' ? toModerator(claimed, deps) : toMember(claimed, deps)

async function toModerator(claimed: Claimed, deps: Deps): Promise<CommentLetter | null> {
  const { db, stores, locales, letterhead } = deps
  const moderator = moderatorsOf(deps).find(({ hashes }) =>
    hashes.some((hash) => hash.equals(claimed.addressHash)),
  )
  const before = claimed.dueAt
  const rows = await stores.commentDecisions.list(db, {
    waiting: true,
    before,
    limit: MAX_COMMENTS_PER_MAIL,
  })
  if (!moderator || rows.length === 0) return null
  const count = await stores.commentDecisions.countWaiting(db, before)
  const locale = locales.of(deps.siteLanguage)
  const more = count - rows.length
  const notice = await deps.renderCommentMail({
    kind: 'moderation',
    locale,
    subject: locale.t('mail.moderation.subject', { count }),
    lead: locale.t('mail.moderation.lead', { count, site: letterhead.siteName }),
    comments: rows.map((row) => waitingIn(row, moderator, { ...deps, locale })),
    after: more > 0 ? locale.t('mail.moderation.more', { count: more }) : '',
    leave: null,
  })
  return { to: moderator.address, list: null, notice }
}

type In = Deps & { readonly locale: Locale }
type Row = stores.comments.CommentRow

const REASON = {
  first: 'mail.moderation.reason-first',
  link: 'mail.moderation.reason-link',
  repeat: 'mail.moderation.reason-repeat',
  words: 'mail.moderation.reason-words',
} as const satisfies Record<NonNullable<Row['reason']>, Key>

function waitingIn(row: Row, { hashes }: Moderator, deps: In): MailedComment {
  const { locale, links } = deps
  // Dated now, so that a link works for as long as the mail is new.
  const url = (what: 'approve' | 'reject' | 'block') =>
    `${links.url('moderation', { id: row.id, epoch: moderatorMarkOf(hashes[0]) }, deps.now())}/${what}`
  return {
    ...commentHeadingOf(row, deps),
    note: row.reason ? locale.t(REASON[row.reason]) : '',
    text: row.text,
    links: [
      { label: locale.t('mail.moderation.approve'), url: url('approve') },
      { label: locale.t('mail.moderation.reject'), url: url('reject') },
      { label: locale.t('mail.moderation.block'), url: url('block') },
    ],
  }
}

async function toMember(claimed: Claimed, deps: Deps): Promise<CommentLetter | null> {
  const { db, stores, locales, letterhead } = deps
  const { subscriberId: id, dueAt: until } = claimed
  const person = id === null ? undefined : await stores.subscribers.byId(db, id)
  if (!person) return null
  const rows = await stores.commentWishes.unannouncedFor(db, person.id, {
    until,
    limit: MAX_COMMENTS_PER_MAIL,
  })
  if (rows.length === 0) return null
  const locale = locales.of(person.language ?? deps.siteLanguage)
  const unsubscribeUrl = deps.links.url('answers', person, deps.now())
  const count = rows.length
  const notice = await deps.renderCommentMail({
    kind: 'answers',
    locale,
    subject: locale.t('mail.answers.subject', { count }),
    lead: locale.t('mail.answers.lead', { count, site: letterhead.siteName }),
    comments: rows.map((row) => toMailedAnswer(row, EXCERPT_LENGTH, { ...deps, locale })),
    after: '',
    leave: { label: locale.t('mail.answers.leave'), url: unsubscribeUrl },
  })
  const list = { id: 'answers', kind: 'answers', title: letterhead.siteName, unsubscribeUrl }
  return { to: person.address, list, notice }
}
