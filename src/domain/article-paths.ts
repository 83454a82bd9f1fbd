/** Paths of the reading room, without host and base path. */

export const ARTICLES_PATH = '/articles'

/**
 * Path segments used in place of a slug in the reading room. No article may have one as its slug.
 */
export const RESERVED_SLUGS: readonly string[] = ['authors', 'feed', 'search', 'tags', 'years']

/**
 * Returns a tag or an author as a path segment: lower-case letters of any script and digits, with
 * hyphens between words. Empty if the text has neither letters nor digits.
 */
export const nameInPath = (text: string) =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

/** What the articles of a list have in common. */
export type ListKind = 'tags' | 'authors' | 'years'

/** Path of the list of a tag, an author or a year. */
export const listPath = (kind: ListKind, name: string) =>
  `${ARTICLES_PATH}/${kind}/${encodeURIComponent(nameInPath(name))}`

/** Appends parameters to a path; returns the path unchanged if there are none. */
export function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(query).toString()
  return text === '' ? path : `${path}?${text}`
}
