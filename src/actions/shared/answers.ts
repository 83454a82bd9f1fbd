/** Answers to a reader's comments: when they are mailed, and what a mail shows of each. */
import { renderComment } from '../../content/comment-markdown.ts'
import type { LiveArticle } from '../../domain/article.ts'
import { commentPath } from '../../domain/comment.ts'
import { cutAtWord } from '../../domain/cut.ts'
import { type Rhythm, WEEKDAYS, type Weekday } from '../../domain/rhythm.ts'
import type { Locale } from '../../locales/locale.ts'
import type { MailedComment } from '../../mail/render/comment-mail.ts'
import type * as stores from '../../store/index.ts'

/** When mails go to moderators, and to readers who have no schedule. */
export const DEFAULT_ANSWERS_RHYTHM: Rhythm = { time: '08:00', zone: 'UTC', weekdays: WEEKDAYS }

/** Returns when somebody gets mail. */
export const rhythmOfWish = ({
  time,
  zone,
  weekdays,
}: stores.commentWishes.AnswerRecipient): Rhythm =>
  time && zone
    ? { time, zone, weekdays: (weekdays ?? WEEKDAYS) as Weekday[] }
    : DEFAULT_ANSWERS_RHYTHM

/** Most comments in one mail, so that it is still read; page and command line have all of them. */
export const MAX_COMMENTS_PER_MAIL = 30

export interface CommentHeadingDeps {
  readonly siteUrl: string
  /** The article that was first published under a slug; undefined once it is gone. */
  readonly articleOf: (id: string) => Pick<LiveArticle, 'slug' | 'title'> | undefined
  readonly locale: Locale
}

type Row = Pick<stores.comments.CommentRow, 'id' | 'article' | 'author' | 'text'>

/** Returns the author of a comment, and where it stands. */
export function commentHeadingOf(row: Row, { articleOf, siteUrl, locale }: CommentHeadingDeps) {
  const article = articleOf(row.article)
  return {
    author: row.author ?? locale.t('page.comments.someone'),
    under: {
      label: article?.title ?? row.article,
      url: `${siteUrl}${commentPath(article?.slug ?? row.article, row.id)}`,
    },
  }
}

/** Returns an answer as a mail shows it, cut to `excerpt` UTF-16 units; the page has all of it. */
export function toMailedAnswer(
  row: Row,
  maxLength: number,
  deps: CommentHeadingDeps,
): MailedComment {
  const head = commentHeadingOf(row, deps)
  return {
    ...head,
    note: '',
    text: cutAtWord(renderComment(row.text).words, maxLength),
    links: [{ label: deps.locale.t('mail.answers.read'), url: head.under.url }],
  }
}
