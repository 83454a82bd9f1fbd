/** Where the reading room is on a site: addresses without host and base path. */

export const ARTICLES = '/articles'

/** What stands in the place of a slug in addresses of the reading room. No article may have it. */
export const RESERVED_SLUGS: readonly string[] = ['authors', 'feed', 'search', 'tags', 'years']

/**
 * A tag or an author as an address holds it: letters of any script and digits, in lower case, with
 * a hyphen between words. Empty for a text that has none of them.
 */
export const nameInPath = (text: string) =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

/** What the articles of a list have in common. */
export type ListKind = 'tags' | 'authors' | 'years'

/** The list of a tag, an author or a year. */
export const listPath = (kind: ListKind, name: string) =>
  `${ARTICLES}/${kind}/${encodeURIComponent(nameInPath(name))}`

/** An address with parameters; as it is without any. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? path : `${path}?${text}`
}
