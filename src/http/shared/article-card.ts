/** How pages show articles in a list. */
import { articlePath, type LiveArticle } from '../../domain/article.ts'
import type { Locale } from '../../locales/locale.ts'
import type { PageSite } from './site.ts'
import { dateWords } from './when.ts'

export const cardOf = (
  { slug, title, summary, language, date, minutes }: LiveArticle,
  locale: Locale,
) => ({ href: articlePath(slug), title, summary, language, minutes, on: dateWords(date, locale) })

const NEWEST = 3

/** The newest of a list, as other pages show them. */
export const newestCards = (articles: readonly LiveArticle[], locale: Locale) =>
  articles.slice(0, NEWEST).map((article) => cardOf(article, locale))

/** The newest articles in the language of a page, or in all languages if there are none in it. */
export function newestFor({ articles }: Pick<PageSite, 'articles'>, locale: Locale) {
  const inLanguage = articles.all(locale.language)
  return newestCards(inLanguage.length > 0 ? inLanguage : articles.all(), locale)
}
