/** Publishes the contents of an articles folder. */
import { setImmediate } from 'node:timers/promises'
import type { ArticleFile } from '../../content/articles.ts'
import type { Article } from '../../domain/article.ts'
import type { Finding } from '../../domain/finding.ts'
import { messageOf } from '../../domain/problem.ts'
import { openSimilarity, termsOf } from '../../domain/similarity.ts'
import { configurationOf } from '../../domain/text-search.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly now: () => Temporal.Instant
  readonly stores: Pick<typeof stores, 'articles' | 'blockedArticles'>
  readonly compile: (file: ArticleFile) => {
    article: Article | null
    faults: readonly Finding[]
  }
  /** Stores the pictures and files of an article; returns why that is not possible, or null. */
  readonly storeMedia: (file: ArticleFile, tx: Db) => Promise<string | null>
}

type Known = stores.articles.KnownArticle
type BlockedArticle = stores.blockedArticles.BlockedArticle

/** Articles written in one statement, and after which other work gets a turn. */
const BATCH = 50

/**
 * Makes what was found in a folder live, each article whole or not at all: a broken one keeps its
 * live version. Drafts are never live, and neither is what is no longer in the folder. What has not
 * changed is not compiled again. Of several processes, one does the work and the others find it
 * done.
 *
 * @returns what is not live, and why.
 */
export function publishArticles(
  files: readonly ArticleFile[],
  deps: Deps,
): Promise<readonly BlockedArticle[]> {
  const { db, now, stores, log } = deps
  return db.transaction().execute(async (tx) => {
    await stores.articles.lockPublishing(tx)
    const known = new Map(
      (await stores.articles.known(tx)).map((article) => [article.slug, article]),
    )
    const at = { version: await stores.articles.nextVersion(tx), now: now() }
    const blocked: BlockedArticle[] = files.flatMap(({ slug, draft }) =>
      draft === null ? [] : [{ slug, reason: draft, draft: true }],
    )
    const wanted = files.filter(({ draft }) => draft === null)
    const { broken, count } = await putChanged(wanted, { tx, known, at, ...deps })
    blocked.push(...broken.map(({ aliases: _, ...article }) => article))
    const gone = goneFrom(wanted, broken, known)
    if (gone.length > 0) await stores.articles.remove(tx, gone, at)
    if (count + gone.length > 0) {
      await updateNearest(at.version, { tx, ...deps })
      // At the first start, the banner reports them.
      const isFirst = ![...known.values()].some(({ isLive }) => isLive)
      const counts = { articles: count, removed: gone.length }
      log[isFirst ? 'debug' : 'info'](counts, 'articles are live')
    }
    for (const { slug: article, reason, draft } of await stores.blockedArticles.record(
      tx,
      blocked,
      at.now,
    ))
      if (!draft)
        log.error({ article, reason }, 'a change to an article is blocked; the live version stays')
    return blocked
  })
}

interface PublishContext extends Deps {
  readonly tx: Db
  readonly known: ReadonlyMap<string, Known>
  readonly at: { readonly version: number; readonly now: Temporal.Instant }
}

type Broken = BlockedArticle & { readonly aliases: readonly string[] }

/** Compiles and stores what has changed. Returns what failed, and how many succeeded. */
async function putChanged(files: readonly ArticleFile[], turn: PublishContext) {
  const slugs = new Set(files.map(({ slug }) => slug))
  const changed = files.filter(({ slug, digest }) => {
    const before = turn.known.get(slug)
    return !before?.isLive || before.digest !== digest
  })
  const broken: Broken[] = []
  let writing: Promise<void> | undefined
  for (let from = 0; from < changed.length; from += BATCH) {
    // The database writes one batch while the next is compiled.
    const made = await compiled(changed.slice(from, from + BATCH), turn)
    await writing
    const texts: stores.articles.NewText[] = []
    for (const { file, article, reason } of made) {
      const why = reason ?? (await turn.storeMedia(file, turn.tx))
      if (article && why === null) texts.push(newText(file, article, { slugs, ...turn }))
      else broken.push(brokenOf(file, why ?? UNKNOWN))
    }
    writing = texts.length > 0 ? turn.stores.articles.put(turn.tx, texts, turn.at) : undefined
    // It is awaited above or below; until then a failure must not become an unhandled rejection.
    writing?.catch(() => {})
  }
  await writing
  return { broken, count: changed.length - broken.length }
}

interface Compiled {
  readonly file: ArticleFile
  readonly article: Article | null
  readonly reason: string | null
}

async function compiled(
  files: readonly ArticleFile[],
  { compile }: PublishContext,
): Promise<Compiled[]> {
  const results: Compiled[] = []
  for (const file of files) {
    try {
      const { article, faults } = compile(file)
      results.push({ file, article, reason: article ? null : reasonOf(faults) })
    } catch (error) {
      results.push({ file, article: null, reason: `it cannot be shown: ${messageOf(error)}` })
    }
    // Requests for pages are served between two articles.
    await setImmediate()
  }
  return results
}

const UNKNOWN = 'dawnpost check tells why'

const brokenOf = (file: ArticleFile, reason: string): Broken => ({
  slug: file.slug,
  reason,
  draft: false,
  aliases: aliasesIn(file),
})

function reasonOf(faults: readonly Finding[]): string {
  const [first] = faults
  const more = faults.length > 1 ? `; and ${faults.length - 1} more: dawnpost check` : ''
  return first
    ? `${first.file.replace('../', '')}:${first.line} ${first.message}${more}`
    : 'dawnpost check tells why'
}

/** Returns the aliases as written, even in a file that is broken elsewhere. */
const aliasesIn = ({ text }: ArticleFile): string[] => {
  const [, names = ''] = /^aliases:((?:.*\n)(?:[ \t]*-.*\n)*)/m.exec(text) ?? []
  return names.match(/[a-z0-9][a-z0-9-]*/g) ?? []
}

/** An article that moves keeps its identity, for its comments and for feeds. */
function newText(
  { text: file, digest }: ArticleFile,
  article: Article,
  { known, slugs, at }: PublishContext & { readonly slugs: ReadonlySet<string> },
): stores.articles.NewText {
  const before =
    known.get(article.slug) ??
    article.aliases.flatMap((alias) => (slugs.has(alias) ? [] : (known.get(alias) ?? [])))[0]
  return {
    article,
    id: before?.id ?? article.slug,
    publishedAt: before?.publishedAt ?? at.now,
    digest,
    file,
    terms: termsOf(article, article.language),
    configuration: configurationOf(article.language),
  }
}

/** Returns what is live and not in the folder, except what was to move to a broken file. */
function goneFrom(
  files: readonly ArticleFile[],
  broken: readonly Broken[],
  known: ReadonlyMap<string, Known>,
): string[] {
  const staying = new Set([
    ...files.map(({ slug }) => slug),
    ...broken.flatMap(({ aliases }) => aliases),
  ])
  return [...known.values()]
    .filter(({ slug, isLive }) => isLive && !staying.has(slug))
    .map(({ slug }) => slug)
}

/** Finds the nearest articles for each article. */
async function updateNearest(version: number, { tx, stores }: Deps & { readonly tx: Db }) {
  const byLanguage = Map.groupBy(
    await stores.articles.similarityInputs(tx),
    ({ language }) => language,
  )
  const changed: { slug: string; nearest: readonly string[] }[] = []
  for (const articles of byLanguage.values()) {
    const nearestTo = await openSimilarity(articles, setImmediate)
    for (const [index, { slug, nearest: before }] of articles.entries()) {
      const nearest = nearestTo(index)
      if (nearest.join(' ') !== before.join(' ')) changed.push({ slug, nearest })
      if (index % BATCH === 0) await setImmediate()
    }
  }
  if (changed.length > 0) await stores.articles.setNearest(tx, changed, version)
}
