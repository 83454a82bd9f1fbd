/** Articles of the reading room. Read by content/, kept by store/, shown by http/articles. */

/** A picture as a page shows it. */
export interface ArticlePicture {
  readonly src: string
  readonly alt: string
  /** CSS pixels. */
  readonly width: number
  readonly height: number
}

export interface Section {
  /** Id of its heading on the page. */
  readonly id: string
  readonly title: string
  readonly level: 2 | 3
}

/** Everything about an article except its text: what lists, feeds and searches show. */
export interface ArticleHead {
  /** File name without extension; part of the article's path. */
  readonly slug: string
  readonly title: string
  readonly author: string
  /** As its author wrote it: shown, and used to sort lists. */
  readonly date: Temporal.PlainDate
  readonly summary: string
  readonly tags: readonly string[]
  /** BCP 47 tag. */
  readonly language: string
  /** Slug of the course it invites readers to; null for none. */
  readonly invite: string | null
  readonly picture: ArticlePicture | null
  readonly sections: readonly Section[]
  readonly words: number
  /** Reading time in minutes, at least 1. */
  readonly minutes: number
  /** Slugs its author names as related, in order. */
  readonly related: readonly string[]
  /** Earlier slugs, which still lead to it. */
  readonly aliases: readonly string[]
  /** Slugs of the same article in other languages. */
  readonly translations: readonly string[]
}

export interface Article extends ArticleHead {
  /** Rendered Markdown; its headings carry the ids of `sections`. */
  readonly html: string
  /** The same as plain text, for search and similarity. */
  readonly text: string
}

/** An article that visitors see. */
export interface LiveArticle extends ArticleHead {
  /**
   * The slug it was first published under, by which comments refer to it. Unchanged when the
   * article moves.
   */
  readonly id: string
  /** When it was first live, and when its text last changed. */
  readonly publishedAt: Temporal.Instant
  readonly updatedAt: Temporal.Instant
  /**
   * Slugs of related articles, the most related first; those its author names precede the others.
   */
  readonly nearest: readonly string[]
}

/** Path of an article of this site. A former slug leads on to the current one. */
export const articlePath = (slug: string) => `/articles/${slug}`

/** Replaces `article:<slug>` links in an author's HTML with the paths of those articles. */
export const withArticleLinks = (html: string): string =>
  html.replace(/<a href="article:([^"#]*)/g, (_, slug) => `<a href="${articlePath(slug)}`)

/** Mark a match in an excerpt of plain text: control characters, which no text contains. */
export const HIT_MARKERS = { begin: '\u0002', end: '\u0003' } as const
