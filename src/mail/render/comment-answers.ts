/**
 * Answers to a reader's comments, in a mail about something else. Strangers wrote them, so they
 * bypass the slots and are treated as text everywhere.
 */
import { directionOf } from '../../domain/direction.ts'
import { palettesOf } from '../../domain/theme.ts'
import { escaped } from '../../locales/html.ts'
import type { Locales } from '../../locales/locale.ts'
import type { Edition, Reader } from '../edition.ts'
import type { MailedComment, MailedLink } from './comment-mail.ts'
import { lessonLabels } from './lesson-labels.ts'
import { prose } from './prose.ts'

export interface CommentAnswers {
  readonly comments: readonly MailedComment[]
  /** The link to stop being notified of answers. */
  readonly leave: MailedLink
}

/** Renders the answers for both parts of a mail, in its look and language. */
export function renderAnswers(
  { comments, leave }: CommentAnswers,
  { series }: Pick<Edition, 'series'>,
  locales: Locales,
): NonNullable<Reader['answers']> {
  const locale = locales.of(series.language)
  const words = lessonLabels(series, locale)
  const look = { ...directionOf(series.language), ...palettesOf(series.theme), words }
  const link = ({ label, url }: MailedLink) => `<a href="${escaped(url)}">${escaped(label)}</a>`
  const line = ({ label, url }: MailedLink) => locale.t('mail.text-link', { label, url })
  const html = comments.map(
    ({ author, under, text }) =>
      `<p><strong dir="auto">${escaped(author)}</strong> · ${link(under)}<br><span dir="auto">${escaped(inLine(text))}</span></p>`,
  )
  const plain = comments.map(({ author, under, text }) =>
    [author, inLine(text), line(under)].join('\n'),
  )
  return {
    html: prose(`${html.join('')}<p class="source">${link(leave)}</p>`, look),
    text: [...plain, line(leave)].join('\n\n'),
  }
}

const inLine = (text: string) => text.replace(/\s+/g, ' ').trim()
