/** Members and their comments, on an app with an article. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { CommentSettings } from '../../src/domain/comment-rules.ts'
import { DEFAULT_SITE_SETTINGS } from '../../src/domain/site.ts'
import { BUILT_IN_SITE } from '../../src/platform/site-folder.ts'
import { members, sessions } from '../../src/store/index.ts'
import { folder } from '../content/folder.ts'
import { enrolled, type TestApp } from './app.ts'
import { article } from './articles.ts'
import { testWeb } from './web.ts'

export const SLUG = 'a-quiet-hour'

/** A site with these settings for comments. */
export const siteWith = (comments: Partial<CommentSettings> = {}) => ({
  folder: BUILT_IN_SITE,
  settings: {
    ...DEFAULT_SITE_SETTINGS,
    comments: { closed: false, moderators: [], words: [], ...comments },
  },
})

/** An app with its pages and one published article; `await using` closes it. */
export async function commentsWeb(
  comments: Partial<CommentSettings> = {},
  options: NonNullable<Parameters<typeof testWeb>[0]> = {},
) {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await folder({ [`${SLUG}.md`]: article({ title: 'A quiet hour' }) }))
  const web = opened.use(await testWeb({ site: siteWith(comments), articlesDir: path, ...options }))
  await web.app.author.articles.begin()
  const stack = opened.move()
  return { ...web, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

let people = 0

/** A member: a reader who has confirmed and signed in once. */
export async function memberNamed(
  test: Pick<TestApp, 'app' | 'db'>,
  name: string,
  email = `${name.toLowerCase()}${++people}@example.com`,
) {
  const { subscriber, first } = await enrolled(test, { email, firstName: name })
  await members.join(test.db, subscriber.id, test.app.now())
  await members.rename(test.db, subscriber.id, { name, key: `${name}${people}` })
  return { id: subscriber.id, name, isBlocked: false, email, enrollment: first.id }
}

export type TestMember = Awaited<ReturnType<typeof memberNamed>>

interface Written {
  readonly parent?: string | null
  readonly article?: string
  readonly nonce?: string
  readonly network?: string
  readonly wantsAnswers?: boolean
}

/** Writes a comment as the form does; returns its row. */
export async function write(
  { app }: Pick<TestApp, 'app'>,
  member: TestMember,
  text: string,
  {
    parent = null,
    article = SLUG,
    nonce = randomUUID(),
    network = '192.0.2.0/24',
    ...more
  }: Written = {},
) {
  const { id } = await app.comments.post({ member, text, parent, article, nonce, network, ...more })
  const look = await app.comments.inspectComment(id)
  if (!look) throw new Error('it is not there')
  return look.comment
}

/** A member whose first comment was approved: further ones appear at once. */
export async function trusted(test: Pick<TestApp, 'app' | 'db'>, name: string, email?: string) {
  const member = await memberNamed(test, name, email)
  const { id } = await write(test, member, `I am ${name}, hello`, { article: 'elsewhere' })
  await test.app.comments.decide({ id, decision: 'approve', by: 'command line' })
  return member
}

/** What a viewer sees below an article: one line per comment, answers after their thread. */
export async function seenBy(
  { app }: Pick<TestApp, 'app'>,
  viewer: string | null,
  { article = SLUG, page = 1 } = {},
) {
  const { threads } = await app.comments.of({ article, viewer, page })
  return threads.flatMap(({ root, answers }) =>
    [root, ...answers].map(({ author, html, status }, index) =>
      [index > 0 ? '>' : '', author ?? '', html.replace(/<[^>]*>/g, ''), status]
        .filter(Boolean)
        .join(' '),
    ),
  )
}

/** Signs a member in; returns the session. */
export async function sessionFor({ db, app }: Pick<TestApp, 'app' | 'db'>, { id }: { id: string }) {
  const session = randomBytes(32).toString('base64url')
  const idHash = createHash('sha256').update(session).digest()
  await sessions.begin(db, { idHash, subscriberId: id, epoch: 0 }, app.now())
  return session
}

/** The cookie as the browser of a signed-in member sends it. */
export const cookieOf = (session: string) => ({ cookie: `__Host-dawnpost=${session}` })
