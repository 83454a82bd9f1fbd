/** Pages of a site with the articles of a test. */
import type { Files } from '../content/folder.ts'
import { folder } from '../content/folder.ts'
import { type TestWeb, testWeb } from './web.ts'

/** The files are published when it opens, at noon UTC on 2027-03-19. */
export async function readingRoom(
  files: Files,
  options: Parameters<typeof testWeb>[0] = {},
): Promise<TestWeb> {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await folder({ 'none.txt': '', ...files }))
  const web = opened.use(await testWeb({ articlesDir: path, ...options }))
  const blocked = await web.app.author.articles.begin()
  if (blocked.length > 0) throw new Error(`not published: ${JSON.stringify(blocked)}`)
  const stack = opened.move()
  return { ...web, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
