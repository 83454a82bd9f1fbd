import type { LiveArticle } from '../../domain/article.ts'
import { isAfter } from '../../domain/time.ts'
import { isSameLanguage } from '../../locales/catalogs.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: { readonly articles: Pick<typeof stores.articles, 'changedSince' | 'htmlOf'> }
}

/** The articles as visitors see them, the same in every process. */
export interface LiveArticles {
  /** Returns the articles of a language, or all: newest first, by date and then by slug. */
  all(language?: string): readonly LiveArticle[]
  get(slug: string): LiveArticle | undefined
  /** Finds one by the slug under which it was first published, which comments keep. */
  byId(id: string): LiveArticle | undefined
  /** Finds one by its current or an earlier slug. */
  named(slug: string): LiveArticle | undefined
  /** Returns the current slug for an earlier one; undefined for any other. */
  movedTo(slug: string): string | undefined
  /** Returns articles of a language that were published after an instant, newest first. */
  since(instant: Temporal.Instant, language: string): readonly LiveArticle[]
  /** Returns the HTML of an article; null if it is not live. */
  textOf(slug: string): Promise<string | null>
  /** Loads what has become live since, here or in another process. */
  refresh(): Promise<void>
}

/** Keeps what lists need of articles in memory; their texts stay in the database. */
export function openLiveArticles({ db, stores }: Deps): LiveArticles {
  const bySlug = new Map<string, LiveArticle>()
  let version = 0
  let inOrder: readonly LiveArticle[] = []
  let aliases: ReadonlyMap<string, string> = new Map()
  let byId: ReadonlyMap<string, LiveArticle> = new Map()
  let turn = Promise.resolve()

  async function read(): Promise<void> {
    const changed = await stores.articles.changedSince(db, version)
    if (changed.length === 0) return
    for (const { slug, article, ...change } of changed) {
      version = Math.max(version, change.version)
      if (article) bySlug.set(slug, article)
      else bySlug.delete(slug)
    }
    inOrder = [...bySlug.values()].sort(newestFirst)
    byId = new Map(inOrder.map((article) => [article.id, article]))
    aliases = new Map(
      inOrder.flatMap(({ slug, aliases }) =>
        aliases.map((alias): [string, string] => [alias, slug]),
      ),
    )
  }

  const all = (language?: string) =>
    language === undefined
      ? inOrder
      : inOrder.filter((article) => isSameLanguage(article.language, language))

  const movedTo = (slug: string) => (bySlug.has(slug) ? undefined : aliases.get(slug))

  return {
    all,
    get: (slug) => bySlug.get(slug),
    byId: (id) => byId.get(id),
    named: (slug) => bySlug.get(movedTo(slug) ?? slug),
    movedTo,
    since: (instant, language) =>
      all(language).filter(({ publishedAt }) => isAfter(publishedAt, instant)),
    textOf: (slug) => stores.articles.htmlOf(db, slug),
    // Two concurrent reads could replace a newer version by an older one.
    refresh: () => {
      turn = turn.catch(() => {}).then(read)
      return turn
    },
  }
}

const newestFirst = (a: LiveArticle, b: LiveArticle) =>
  Temporal.PlainDate.compare(b.date, a.date) || (a.slug < b.slug ? -1 : 1)
