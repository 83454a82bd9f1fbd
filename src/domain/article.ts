/**
 * What a file of the reading room means to the program. Read by content/, kept by store/, shown by
 * http/articles.
 */

/** A picture as a page shows it. */
export interface ArticlePicture {
  readonly src: string
  readonly alt: string
  /** CSS pixels. */
  readonly width: number
  readonly height: number
}

export interface Section {
  /** Its heading's id on the page. */
  readonly id: string
  readonly title: string
  readonly level: 2 | 3
}

/** All that lists, feeds and searches tell of an article: everything but its text. */
export interface ArticleHead {
  /** The file's name; stands in its address. */
  readonly slug: string
  readonly title: string
  readonly author: string
  /** As its author wrote it: shown, and the order of lists. */
  readonly date: Temporal.PlainDate
  readonly summary: string
  readonly tags: readonly string[]
  /** BCP 47 tag. */
  readonly language: string
  /** Slug of the course that it invites to; null for none. */
  readonly invite: string | null
  readonly picture: ArticlePicture | null
  readonly sections: readonly Section[]
  readonly words: number
  /** Minutes that it takes to read, at least 1. */
  readonly minutes: number
  /** Slugs that its author names as related, in order. */
  readonly related: readonly string[]
  /** Slugs that it had before, which lead to it. */
  readonly aliases: readonly string[]
  /** Slugs of the same article in other languages. */
  readonly translations: readonly string[]
}

export interface Article extends ArticleHead {
  /** Rendered Markdown; its headings carry the ids of `sections`. */
  readonly html: string
  /** The same as plain words, for search and likeness. */
  readonly text: string
}

/** An article that visitors see. */
export interface LiveArticle extends ArticleHead {
  /** The slug under which it was first published: what comments know it by. Stays when it moves. */
  readonly id: string
  /** When it was first live, and when its text last changed. */
  readonly publishedAt: Temporal.Instant
  readonly updatedAt: Temporal.Instant
  /** Slugs of what is related, the most related first: those its author names before the others. */
  readonly nearest: readonly string[]
}

/** Where an article of this site is, or leads on from when it has moved. */
export const articlePath = (slug: string) => `/articles/${slug}`

/**
 * HTML of an author's Markdown with the paths of articles in the places of `article:` and a name.
 */
export const withArticles = (html: string): string =>
  html.replace(/<a href="article:([^"#]*)/g, (_, slug) => `<a href="${articlePath(slug)}`)

/** Around what was found in an excerpt, which is plain text: signs that no text holds. */
export const FOUND = { begin: '\u0002', end: '\u0003' } as const
