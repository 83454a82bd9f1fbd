/**
 * The mails about comments. Their content was written by strangers and is read by one person only,
 * so it bypasses MJML and the slots, and is treated as text everywhere.
 */
import { createHash } from 'node:crypto'
import { directionOf } from '../../domain/direction.ts'
import { palettesOf } from '../../domain/theme.ts'
import { escaped } from '../../locales/html.ts'
import type { Locale } from '../../locales/locale.ts'
import type { Letterhead } from '../edition.ts'
import { frameOf } from './frames.ts'
import { footerIn } from './layout-data.ts'
import { lessonLabels } from './lesson-labels.ts'
import { openMarks } from './marks.ts'
import { prose } from './prose.ts'
import { bodyOf } from './skeleton.ts'
import type { MailTemplates } from './templates.ts'

export interface MailedLink {
  readonly label: string
  readonly url: string
}

/** A comment as a mail shows it: entirely plain text. */
export interface MailedComment {
  readonly author: string
  /** The article, with a link to the comment on its page. */
  readonly under: MailedLink
  /** A line about the comment; empty for none. */
  readonly note: string
  readonly text: string
  readonly links: readonly MailedLink[]
}

export interface CommentMail {
  readonly kind: 'moderation' | 'answers'
  readonly locale: Locale
  readonly subject: string
  readonly lead: string
  readonly comments: readonly MailedComment[]
  /** Text after the comments; empty for none. */
  readonly after: string
  /** The link to stop these mails; null if dawnpost.yaml decides who gets them. */
  readonly leave: MailedLink | null
}

interface Terms {
  readonly templates: MailTemplates
  readonly letterhead: Letterhead
}

/** Renders a mail about comments. */
export async function renderCommentMail(mail: CommentMail, terms: Terms) {
  const { templates } = terms
  const marks = openMarks()
  const mjml = templates.mjml(mail.kind)(markedData(mail, terms, marks), mail.locale)
  const html = marks.fill(await frameOf(mjml))
  const text = templates
    .text(mail.kind)(textData(mail, terms), mail.locale)
    .trim()
    .replace(/\n{3,}/g, '\n\n')
  const hash = createHash('sha256').update(html).update(text).digest('hex').slice(0, 32)
  return { subject: mail.subject, ...bodyOf({ hash, text, html }) }
}

const common = ({ kind, locale }: CommentMail) => ({
  kind,
  isTransactional: true,
  takesAnswers: false,
  language: locale.language,
  ...directionOf(locale.language),
})

function markedData(mail: CommentMail, { letterhead }: Terms, marks: ReturnType<typeof openMarks>) {
  const {
    siteName,
    postalAddress,
    siteUrl,
    imprint = '',
    privacy = '',
    theme,
    logoHeights,
  } = letterhead
  const { logo = '', logoAlt = '', footer = '' } = theme ?? {}
  const look = palettesOf(theme)
  const direction = directionOf(mail.locale.language)
  const words = lessonLabels({}, mail.locale)
  const body = prose(htmlOf(mail), { ...direction, ...look, words })
  const subject = marks.text(mail.subject)
  return {
    ...common(mail),
    look,
    logo: logo.startsWith('/') ? siteUrl + logo : logo,
    logoHeight: logoHeights?.get(logo) ?? 0,
    logoAlt: marks.text(logoAlt),
    footer: marks.text(footer),
    footerIn: footerIn(theme, mail.locale.language),
    imprint,
    privacy,
    siteName: marks.text(siteName),
    postalAddress: marks.text(postalAddress),
    series: { title: marks.text(siteName) },
    subject,
    heading: subject,
    preheader: marks.text(mail.lead),
    comments: marks.raw(body),
  }
}

function htmlOf({ lead, comments, after, leave }: CommentMail): string {
  const links = (all: readonly MailedLink[]) =>
    all
      .map(({ label, url }) => `<a href="${escaped(url)}">${escaped(label)}</a>`)
      .join(' &nbsp;·&nbsp; ')
  const entries = comments.map(({ author, under, note, text, links: commentLinks }) => {
    const about = note === '' ? '' : `<br>${escaped(note)}`
    const quoted = text
      .split(/\n{2,}/)
      .map((part) => `<p dir="auto">${escaped(part).replaceAll('\n', '<br>')}</p>`)
      .join('')
    return `<p><strong dir="auto">${escaped(author)}</strong> · ${links([under])}${about}</p><blockquote>${quoted}</blockquote><p>${links(commentLinks)}</p>`
  })
  const end = after === '' ? '' : `<p>${escaped(after)}</p>`
  const way = leave === null ? '' : `<hr><p>${links([leave])}</p>`
  return `<p>${escaped(lead)}</p><hr>${entries.join('<hr>')}${end}${way}`
}

function textData(mail: CommentMail, { letterhead }: Terms) {
  const { imprint = '', privacy = '', theme, logoHeights: _, ...words } = letterhead
  const { lead, comments, after, leave, locale, subject } = mail
  const line = ({ label, url }: MailedLink) => locale.t('mail.text-link', { label, url })
  const entries = comments.map(({ author, under, note, text, links }) =>
    [
      [author, ...(note === '' ? [] : [note])].join('\n'),
      line(under),
      text.replace(/^/gm, '> '),
      links.map(line).join('\n'),
    ].join('\n\n'),
  )
  return {
    ...common(mail),
    ...words,
    imprint,
    privacy,
    footer: theme?.footer ?? '',
    subject,
    lead,
    comments: entries.join('\n\n* * *\n\n'),
    after,
    leave: leave === null ? '' : line(leave),
  }
}
