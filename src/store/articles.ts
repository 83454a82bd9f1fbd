/** Articles as visitors read them, and those of the folder that are not live. */
import { sql } from 'kysely'
import type { Article, LiveArticle } from '../domain/article.ts'
import { byName, type Db, prepared } from './postgres/sql.ts'
import type { StoredHead } from './postgres/tables.ts'

/** A changed article; `article` is null if it is no longer live. */
export interface ArticleChange {
  readonly slug: string
  readonly version: number
  readonly article: LiveArticle | null
}

/** Returns what has changed after a version. */
export async function changedSince(db: Db, version: number): Promise<ArticleChange[]> {
  const rows = await db
    .selectFrom('articles')
    .modifyFront(prepared('changed-articles'))
    .select(['slug', 'id', 'version', 'head', 'nearest'])
    .select(['published_at as publishedAt', 'updated_at as updatedAt', 'removed_at as removedAt'])
    .where('version', '>', String(version))
    .execute()
  return rows.map(({ version, head, removedAt, ...row }) => ({
    slug: row.slug,
    version: Number(version),
    article: removedAt
      ? null
      : { ...row, ...headFromStored(head), publishedAt: row.publishedAt, updatedAt: row.updatedAt },
  }))
}

const headFromStored = ({ date, ...head }: StoredHead) => ({
  ...head,
  date: Temporal.PlainDate.from(date),
})

/** Returns the HTML of a live article; null if there is none. */
export async function htmlOf(db: Db, slug: string): Promise<string | null> {
  const row = await db
    .selectFrom('articles')
    .select('html')
    .where('slug', '=', slug)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  return row?.html ?? null
}

/** Key of the advisory lock for publishing a folder. */
const PUBLISHING_LOCK = 0x0da7_90_59

/**
 * Waits until no other process publishes articles, and keeps others from it until the transaction
 * ends.
 */
export async function lockPublishing(tx: Db): Promise<void> {
  // A role's timeouts are meant for pages: a thousand texts take longer.
  await sql`select set_config(name, '0', true) from unnest(
    '{statement_timeout,lock_timeout,idle_in_transaction_session_timeout}'::text[]) as
      name`.execute(tx)
  await sql`select pg_advisory_xact_lock(${PUBLISHING_LOCK})`.execute(tx)
}

/** Every article there has ever been. */
export interface KnownArticle {
  readonly slug: string
  readonly id: string
  readonly digest: string
  readonly publishedAt: Temporal.Instant
  readonly isLive: boolean
}

export async function known(db: Db): Promise<KnownArticle[]> {
  const rows = await db
    .selectFrom('articles')
    .select(['slug', 'id', 'digest', 'published_at as publishedAt', 'removed_at as removedAt'])
    .execute()
  return rows.map(({ removedAt, ...row }) => ({ ...row, isLive: removedAt === null }))
}

/** Returns a version higher than all there are. Only under the lock of `lockPublishing`. */
export async function nextVersion(tx: Db): Promise<number> {
  const { rows } = await sql<{ next: string }>`
    select coalesce(max(version), 0) + 1 as next from articles`.execute(tx)
  return Number(rows[0]?.next)
}

export interface NewText {
  readonly article: Article
  readonly id: string
  readonly digest: string
  readonly file: string
  readonly terms: string
  readonly publishedAt: Temporal.Instant
  /** PostgreSQL's full-text configuration for its language. */
  readonly configuration: string
}

/** Characters of a text that are searched: nobody reads longer texts. */
const MAX_SEARCHED_LENGTH = 200_000

/** Makes these live as of now. An article that looks the same to its readers keeps `updated_at`. */
export async function put(
  tx: Db,
  texts: readonly NewText[],
  { version, now }: { version: number; now: Temporal.Instant },
): Promise<void> {
  const each = (read: (text: NewText) => string) => sql`${texts.map(read)}::text[]`
  await sql`
    insert into articles as old (slug, id, version, digest, file, head, html, text, language, terms,
      search,
      published_at, updated_at)
    select slug, id, ${version}, digest, file, head::jsonb, html, text, language, terms,
      setweight(to_tsvector(${configurationIn('one')}, title), 'A')
        || setweight(to_tsvector(${configurationIn('one')}, about), 'B')
        || to_tsvector(${configurationIn('one')}, left(text, ${MAX_SEARCHED_LENGTH})),
      published_at::timestamptz, ${String(now)}
    from unnest(
      ${each(({ article }) => article.slug)}, ${each(({ id }) => id)},
      ${each(({ digest }) => digest)},
      ${each(({ file }) => file)}, ${each(({ article }) => JSON.stringify(storedHeadOf(article)))},
      ${each(({ article }) => article.html)}, ${each(({ article }) => article.text)},
      ${each(({ article }) => article.language)}, ${each(({ terms }) => terms)},
      ${each(({ configuration }) => configuration)}, ${each(({ article }) => article.title)},
      ${each(({ article }) => searchableMetadata(article))}, ${each(({ publishedAt }) => String(publishedAt))}
    ) as one (slug, id, digest, file, head, html, text, language, terms, configuration, title,
      about, published_at)
    on conflict (slug) do update set
      id = excluded.id, version = excluded.version, digest = excluded.digest, file = excluded.file,
      head = excluded.head, html = excluded.html, text = excluded.text,
      language = excluded.language,
      terms = excluded.terms, search = excluded.search, published_at = excluded.published_at,
      removed_at = null,
      updated_at = case when (old.html, old.head) is distinct from (excluded.html, excluded.head)
        then excluded.updated_at else old.updated_at end`.execute(tx)
}

const storedHeadOf = ({ html: _, text: __, ...head }: Article) => ({
  ...head,
  date: String(head.date),
})

/** What is searched besides the title and the text. */
const searchableMetadata = ({ tags, summary, author }: Article) =>
  [...tags, summary, author].join(' \n')

/** If this server does not know the language, words are searched as they are. */
const configurationIn = (table: string) => sql`coalesce(
  (select c.oid::regconfig from pg_ts_config c
    where c.cfgname = ${sql.ref(`${table}.configuration`)}
      and c.cfgnamespace = 'pg_catalog'::regnamespace),
  'pg_catalog.simple'::regconfig)`

/** Marks these as no longer live. */
export const remove = (
  tx: Db,
  slugs: readonly string[],
  { version, now }: { version: number; now: Temporal.Instant },
) =>
  tx
    .updateTable('articles')
    .set({ removed_at: String(now), version: String(version) })
    .where('slug', 'in', [...slugs])
    .execute()

/** What similarity is computed from. */
export interface SimilarityInput {
  readonly slug: string
  readonly language: string
  readonly tags: readonly string[]
  readonly related: readonly string[]
  readonly terms: string
  readonly nearest: readonly string[]
}

/** Returns it for all live articles, newest first. */
export async function similarityInputs(tx: Db): Promise<SimilarityInput[]> {
  const rows = await tx
    .selectFrom('articles')
    .select(['slug', 'language', 'terms', 'nearest', 'head'])
    .where('removed_at', 'is', null)
    .orderBy(sql`head->>'date'`, 'desc')
    .orderBy(byName('slug'))
    .execute()
  return rows.map(({ head: { tags, related }, ...row }) => ({ ...row, tags, related }))
}

/** Records the nearest articles of each of these. */
export async function setNearest(
  tx: Db,
  articles: readonly { readonly slug: string; readonly nearest: readonly string[] }[],
  version: number,
): Promise<void> {
  await sql`
    update articles set version = ${version}, nearest = array(select
      jsonb_array_elements_text(one.nearest))
    from jsonb_to_recordset(${JSON.stringify(articles)}::jsonb) as one (slug text, nearest jsonb)
    where articles.slug = one.slug`.execute(tx)
}

export interface SearchQuery {
  readonly words: string
  /** Languages to search in, each with its full-text configuration. */
  readonly languages: readonly { readonly language: string; readonly configuration: string }[]
  readonly limit: number
  /** Markers around each word that was found. */
  readonly marks: { readonly begin: string; readonly end: string }
}

export interface Hit {
  readonly slug: string
  readonly excerpt: string
}

/** Searches articles by the grammar of their languages, best match first. */
export async function search(
  db: Db,
  { words, languages, limit, marks }: SearchQuery,
): Promise<readonly Hit[]> {
  const options = `StartSel="${marks.begin}", StopSel="${marks.end}", MaxWords=36, MinWords=20, MaxFragments=2, FragmentDelimiter=" … "`
  const { rows } = await sql<Hit>`
    with asked as (
      select one.language, ${configurationIn('one')} as configuration,
        websearch_to_tsquery(${configurationIn('one')}, ${words}) as query
      from jsonb_to_recordset(${JSON.stringify(languages)}::jsonb) as one (language text,
        configuration text)
    ), hits as (
      select a.slug, a.text, q.configuration, q.query, ts_rank_cd(a.search, q.query, 1) as rank,
        a.head->>'date' as day
      from asked q join articles a on a.language = q.language and a.search @@ q.query
      where a.removed_at is null
      order by rank desc, day desc, a.slug collate "C" limit ${limit}
    )
    select slug, ts_headline(configuration, left(text, ${MAX_SEARCHED_LENGTH}), query,
      ${options}) as excerpt
    from hits order by rank desc, day desc, slug collate "C"`.execute(db)
  return rows
}

/** Returns articles that contain each of the words literally, in any script; newest first. */
export async function containing(
  db: Db,
  { words, languages, limit }: Omit<SearchQuery, 'words' | 'marks'> & { readonly words: string[] },
): Promise<{ slug: string; text: string }[]> {
  const { rows } = await sql<{ slug: string; text: string }>`
    select slug, text from articles
    where removed_at is null and language = any
      (${languages.map(({ language }) => language)}::text[])
      and not exists (
        select from unnest(${words}::text[]) as word
        where strpos(lower(concat_ws(' ', head->>'title', head->>'summary', head->>'tags', text)),
          lower(word)) = 0
      )
    order by head->>'date' desc, slug collate "C" limit ${limit}`.execute(db)
  return rows
}
