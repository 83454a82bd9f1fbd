/** Links to lists of articles. */
import type { LiveArticle } from '../../domain/article.ts'
import { ARTICLES_PATH, listPath, nameInPath, withQuery } from '../../domain/article-paths.ts'

export interface ListLink {
  readonly href: string
  readonly words: string
}

/** What distinguishes lists of one language from the others in addresses: see `Shelf`. */
type Query = Readonly<Record<string, string>>

/**
 * Returns the list of everything by its author, or of all articles if the name cannot be in an
 * address.
 */
export const authorPath = ({ author }: Pick<LiveArticle, 'author'>, query: Query) =>
  withQuery(nameInPath(author) === '' ? ARTICLES_PATH : listPath('authors', author), query)

interface Names {
  readonly names: readonly string[]
  readonly query: Query
}

/** Returns links to lists, each once, in the order of `names`. */
export function linksTo(kind: 'tags' | 'authors', { names, query }: Names): ListLink[] {
  const byPath = Map.groupBy(names, nameInPath)
  byPath.delete('')
  return [...byPath.values()].map(([words = '']) => ({
    href: withQuery(listPath(kind, words), query),
    words,
  }))
}
