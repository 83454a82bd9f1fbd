/** A letter of new articles, in the form of an author's text: HTML, a subject, a preheader. */
import Handlebars from 'handlebars/dist/handlebars.min.js'
import { cutAtWord } from '../../domain/cut.ts'
import type { Locale } from '../../locales/locale.ts'
import type { News } from '../edition.ts'

/** Maximum number of articles a letter lists; it gives the number of any others. */
const LISTED = 10
/** Maximum characters of a title in a subject that also has other text. */
const MAX_TITLE_IN_SUBJECT = 60
/** Characters of a preheader that mailboxes show, roughly. */
const MAX_PREHEADER_LENGTH = 110

export interface NewsText {
  /** Like an author's lines: literal braces are escaped. */
  readonly title: string
  readonly preheader: string
  readonly html: string
}

/** Returns the text of a letter about these articles, which are sorted newest first. */
export function newsText(articles: News, siteUrl: string, locale: Locale): NewsText {
  const [first, ...others] = articles
  const title = first?.title ?? ''
  const more = articles.length - LISTED
  const only = others.length === 0
  const besides = [...others.map((article) => article.title), first?.summary ?? '']
  return {
    title: escapeBraces(
      only
        ? title
        : locale.t('mail.letter.subject', {
            title: cutAtWord(title, MAX_TITLE_IN_SUBJECT),
            count: others.length,
          }),
    ),
    preheader: escapeBraces(cutAtWord(besides.join(' · '), MAX_PREHEADER_LENGTH)),
    html: [
      ...articles.slice(0, LISTED).map((article) => entry(article, siteUrl, { locale, only })),
      ...(more > 0 ? [moreOf(more, siteUrl, locale)] : []),
    ].join('\n'),
  }
}

interface Entry {
  readonly locale: Locale
  /** The title is already the heading of the mail. */
  readonly only: boolean
}

function entry(
  { slug, title, author, date, summary, minutes }: News[number],
  siteUrl: string,
  { locale, only }: Entry,
): string {
  const link = (words: string) => `<a href="${siteUrl}/articles/${slug}">${escapeWords(words)}</a>`
  const by = locale.t('mail.letter.by', { author, on: locale.date(date, 'full'), minutes })
  const head = only ? '' : `<h2>${link(title)}</h2>`
  const last = only ? `<p>${link(locale.t('mail.letter.read'))}</p>` : ''
  return `${head}<p>${escapeWords(summary)}</p>${last}<p class="source">${escapeWords(by)}</p>`
}

const moreOf = (count: number, siteUrl: string, { t }: Locale) =>
  `<h3><a href="${siteUrl}/articles">${escapeWords(t('mail.letter.more', { count }))}</a></h3>`

/** Escapes braces, so that an article's title cannot contain a slot. */
const escapeBraces = (words: string) => words.replace(/\\*\{\{/g, '\\{{')

/** The same for HTML, with markup escaped too. */
const escapeWords = (words: string) =>
  Handlebars.escapeExpression(words.replace(/\\+(?=\{\{)/g, '')).replaceAll('{', '&#123;')
