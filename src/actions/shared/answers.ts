/** Answers to somebody's comments: when they are told of them, and what a mail says of each. */
import { renderComment } from '../../content/comment-markdown.ts'
import type { LiveArticle } from '../../domain/article.ts'
import { commentPath } from '../../domain/comment.ts'
import { cutAtWord } from '../../domain/cut.ts'
import { type Rhythm, WEEKDAYS, type Weekday } from '../../domain/rhythm.ts'
import type { Locale } from '../../locales/locale.ts'
import type { MailedComment } from '../../mail/render/comment-mail.ts'
import type * as stores from '../../store/index.ts'

/** When moderators are told, and readers who have no morning of their own. */
export const EIGHT: Rhythm = { time: '08:00', zone: 'UTC', weekdays: WEEKDAYS }

/** When somebody reads. */
export const rhythmOfWish = ({ time, zone, weekdays }: stores.commentWishes.Wishing): Rhythm =>
  time && zone ? { time, zone, weekdays: (weekdays ?? WEEKDAYS) as Weekday[] } : EIGHT

/**
 * As many comments as fit into a mail that is read; the page and the command line have them all.
 */
export const MOST = 30

export interface HeadDeps {
  readonly siteUrl: string
  /** The article that was first published under a slug; undefined once it is gone. */
  readonly articleOf: (id: string) => Pick<LiveArticle, 'slug' | 'title'> | undefined
  readonly locale: Locale
}

type Row = Pick<stores.comments.CommentRow, 'id' | 'article' | 'author' | 'text'>

/** Whose it is, and where it stands. */
export function headOf(row: Row, { articleOf, siteUrl, locale }: HeadDeps) {
  const article = articleOf(row.article)
  return {
    author: row.author ?? locale.t('page.comments.someone'),
    under: {
      label: article?.title ?? row.article,
      url: `${siteUrl}${commentPath(article?.slug ?? row.article, row.id)}`,
    },
  }
}

/** An answer as a mail shows it, up to so many UTF-16 units of it: all of it is on the page. */
export function answerIn(row: Row, excerpt: number, deps: HeadDeps): MailedComment {
  const head = headOf(row, deps)
  return {
    ...head,
    note: '',
    text: cutAtWord(renderComment(row.text).words, excerpt),
    links: [{ label: deps.locale.t('mail.answers.read'), url: head.under.url }],
  }
}
