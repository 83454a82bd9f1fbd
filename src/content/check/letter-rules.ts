/** Checks that a letter of new articles has any to report. */
import type { Finding } from '../../domain/finding.ts'
import { isSameLanguage } from '../../locales/catalogs.ts'
import type { SeriesSource } from '../source.ts'
import type { WrittenArticle } from './article-rules.ts'

/** Reports letters whose site has no visible article in their language. */
export function checkLetters(
  sources: readonly SeriesSource[],
  articles: readonly WrittenArticle[],
): Finding[] {
  const languages = articles.flatMap(({ file, article }) =>
    article && file.draft === null ? [article.language] : [],
  )
  return sources.flatMap(({ kind, pages }): Finding[] => {
    const settings = pages.find(({ role }) => role === 'settings')
    const language = settings?.keys.get('language')?.text
    const hasArticles = languages.some(
      (articleLanguage) => language && isSameLanguage(articleLanguage, language),
    )
    if (kind !== 'letter' || !settings || !language || hasArticles) return []
    const { line = 1, column = 1 } = settings.keys.get('kind') ?? {}
    const message = `kind: a letter announces new articles, but the site has none in ${language}; add one to its folder articles`
    const place = { file: settings.file, line, column }
    return [{ ...place, severity: 'warning', rule: 'letter', message }]
  })
}
