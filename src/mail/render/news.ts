/**
 * A letter of new articles, as a text like those that authors write: HTML, a subject, a preheader.
 */
import Handlebars from 'handlebars/dist/handlebars.min.js'
import { cutAtWord } from '../../domain/cut.ts'
import type { Locale } from '../../locales/locale.ts'
import type { News } from '../edition.ts'

/** Articles that a letter lists; of more it says how many they are. */
const LISTED = 10
/** Characters of a title that a subject can hold with more beside it. */
const IN_SUBJECT = 60
/** About what mailboxes show of it. */
const PREHEADER = 110

export interface NewsText {
  /** As author's lines are: braces that are meant as such are marked. */
  readonly title: string
  readonly preheader: string
  readonly html: string
}

/** What a letter says of these articles, the newest first. */
export function newsText(articles: News, siteUrl: string, locale: Locale): NewsText {
  const [first, ...others] = articles
  const title = first?.title ?? ''
  const more = articles.length - LISTED
  const only = others.length === 0
  const besides = [...others.map((article) => article.title), first?.summary ?? '']
  return {
    title: line(
      only
        ? title
        : locale.t('mail.letter.subject', {
            title: cutAtWord(title, IN_SUBJECT),
            count: others.length,
          }),
    ),
    preheader: line(cutAtWord(besides.join(' · '), PREHEADER)),
    html: [
      ...articles.slice(0, LISTED).map((article) => entry(article, siteUrl, { locale, only })),
      ...(more > 0 ? [moreOf(more, siteUrl, locale)] : []),
    ].join('\n'),
  }
}

interface Entry {
  readonly locale: Locale
  /** Its title stands above already. */
  readonly only: boolean
}

function entry(
  { slug, title, author, date, summary, minutes }: News[number],
  siteUrl: string,
  { locale, only }: Entry,
): string {
  const link = (words: string) => `<a href="${siteUrl}/articles/${slug}">${plain(words)}</a>`
  const by = locale.t('mail.letter.by', { author, on: locale.date(date, 'full'), minutes })
  const head = only ? '' : `<h2>${link(title)}</h2>`
  const last = only ? `<p>${link(locale.t('mail.letter.read'))}</p>` : ''
  return `${head}<p>${plain(summary)}</p>${last}<p class="source">${plain(by)}</p>`
}

const moreOf = (count: number, siteUrl: string, { t }: Locale) =>
  `<h3><a href="${siteUrl}/articles">${plain(t('mail.letter.more', { count }))}</a></h3>`

/** A line in which braces are no slot, whatever an author calls their article. */
const line = (words: string) => words.replace(/\\*\{\{/g, '\\{{')

/** The same with no markup in it, either. */
const plain = (words: string) =>
  Handlebars.escapeExpression(words.replace(/\\+(?=\{\{)/g, '')).replaceAll('{', '&#123;')
