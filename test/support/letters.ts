/** A letter about new articles, and the folder of these articles. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import PostalMime from 'postal-mime'
import { COURSE, DAILY, type Files, folder, letter, settings } from '../content/folder.ts'
import { type TestApp, testApp } from './app.ts'
import { article } from './articles.ts'
import { berlin } from './mornings.ts'

/** A letter on the morning after each publication, unless `keys` say otherwise. */
export const letters = (keys: Readonly<Record<string, string>> = {}): Files => ({
  'l/course.yaml': settings({ kind: 'letter', title: 'New here', ...keys }),
  'l/welcome.md': letter,
})

/** An app with the letter, a course and a daily, and without articles. */
export async function lettersApp(
  keys: Readonly<Record<string, string>> = {},
  options: Parameters<typeof testApp>[0] = {},
) {
  await using opened = new AsyncDisposableStack()
  const courses = opened.use(await folder({ ...COURSE, ...DAILY, ...letters(keys) }))
  const articles = opened.use(await folder({ 'none.txt': '' }))
  const where = { coursesDir: courses.path, articlesDir: articles.path }
  const test = opened.use(await testApp({ ...where, ...options }))
  const { author } = test.app
  await author.articles.begin()
  const followed = async () => {
    await author.articles.follow()
    await author.articles.follow()
  }
  const stack = opened.move()
  return {
    ...test,
    /** Publishes an article with this title, at a time in Berlin. */
    publish: async (moment: string, title: string, keys: Record<string, string> = {}) => {
      test.clock.set(berlin(moment))
      const text = article({ title: JSON.stringify(title), ...keys })
      await writeFile(join(articles.path, `${slugOf(title)}.md`), text)
      await followed()
    },
    remove: async (title: string) => {
      await rm(join(articles.path, `${slugOf(title)}.md`))
      await followed()
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

interface NewArticle {
  readonly slug: string
  /** Used as its title, author and summary. */
  readonly words?: string
  readonly language?: string
}

/** Adds a live article to a site without an articles folder. */
export async function putArticle(
  { app, db }: Pick<TestApp, 'app' | 'db'>,
  { slug, words = slug, language = 'en' }: NewArticle,
) {
  const at = String(app.now())
  const head = {
    slug,
    title: words,
    author: words,
    date: at.slice(0, 10),
    summary: words,
    tags: [],
    language,
    invite: null,
    picture: null,
    sections: [],
    words: 700,
    minutes: 4,
    related: [],
    aliases: [],
    translations: [],
  }
  await sql`
    insert into articles (slug, id, version, digest, file, head, html, text, language, terms,
      search, published_at, updated_at)
    values (${slug}, ${slug}, (select coalesce(max(version), 0) + 1 from articles), '', '',
      ${JSON.stringify(head)},
      '<p>It rains.</p>', 'It rains.', ${language}, '{}', '', ${at}, ${at})`.execute(db)
  await app.author.articles.follow()
}

const slugOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '')

/** The letters in the ledger: "2027-03-20 sent". */
export const ledger = async ({ db }: Pick<TestApp, 'db'>, kind = 'letter') => {
  const rows = await db
    .selectFrom('deliveries')
    .select(['local_date', 'status'])
    .where('kind', '=', kind as 'letter')
    .orderBy('id')
    .execute()
  return rows.map(({ local_date, status }) => `${local_date} ${status}`)
}

/** The mails in the outbox, except confirmations and welcomes. */
export async function caught({ app }: Pick<TestApp, 'app'>) {
  const { sandbox } = app.author
  const all = ((await sandbox?.since('0')) ?? []).filter(
    ({ kind }) => kind !== 'confirm' && kind !== 'welcome',
  )
  return Promise.all(
    all.map(async ({ id }) => PostalMime.parse((await sandbox?.one(id))?.raw ?? '')),
  )
}
export const subjects = async (test: Pick<TestApp, 'app'>) =>
  (await caught(test)).map(({ subject }) => subject)
