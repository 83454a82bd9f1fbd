/** The articles of a folder as their author has them, including broken ones and drafts. */
import { compileArticle } from '../content/article-text.ts'
import { type ArticleFile, readArticles } from '../content/articles.ts'
import type { WrittenArticle } from '../content/check/article-rules.ts'
import type { Finding } from '../domain/finding.ts'
import { dateIn } from '../domain/time.ts'
import type { Locales } from '../locales/locale.ts'
import { systemClock } from '../platform/clock.ts'
import { blockWordsIn } from './articles.ts'

interface Terms {
  readonly language: string
  readonly locales: Locales
}

export interface WrittenArticles {
  readonly articles: readonly WrittenArticle[]
  readonly faults: readonly Finding[]
}

/** Reads the articles of a folder; none if the folder is missing. */
export async function readWrittenArticles(
  folder: string,
  { language, locales }: Terms,
): Promise<WrittenArticles> {
  const files =
    (await readArticles(folder, { today: dateIn('UTC', systemClock()), language })) ?? []
  const written = files.map((file) => ({ file, ...compiled(file, { language, locales }) }))
  return { articles: written, faults: written.flatMap(({ faults }) => faults) }
}

const compiled = (file: ArticleFile, { language, locales }: Terms) =>
  compileArticle(file, { language, blockWords: blockWordsIn(locales) })
