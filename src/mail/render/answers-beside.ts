/**
 * Answers to a reader's comments, in a mail that is about something else. Strangers wrote them:
 * they go round the slots, and are text wherever they stand.
 */
import { directionOf } from '../../domain/direction.ts'
import { looksOf } from '../../domain/theme.ts'
import { escaped } from '../../locales/html.ts'
import type { Locales } from '../../locales/locale.ts'
import type { Edition, Reader } from '../edition.ts'
import type { MailedComment, MailedLink } from './comment-mail.ts'
import { lessonWords } from './lesson-words.ts'
import { prose } from './prose.ts'

export interface AnswersBeside {
  readonly comments: readonly MailedComment[]
  /** By which their reader is told of no more of them. */
  readonly leave: MailedLink
}

/** What stands in the place of the answers in a mail, in the mail's own look and language. */
export function renderAnswers(
  { comments, leave }: AnswersBeside,
  { series }: Pick<Edition, 'series'>,
  locales: Locales,
): NonNullable<Reader['answers']> {
  const locale = locales.of(series.language)
  const words = lessonWords(series, locale)
  const look = { ...directionOf(series.language), ...looksOf(series.theme), words }
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
