/** An author's articles folder, and an app that has published it. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLog } from '../../src/platform/log.ts'
import { type Files, folder, page } from '../content/folder.ts'
import { testApp } from './app.ts'

/** An article that passes the check, with these keys instead of its own. */
export const article = (
  keys: Readonly<Record<string, string | null>> = {},
  body = 'It rains, and you have gone out without a coat.\n',
) =>
  page(
    {
      title: 'A title',
      author: 'The Dawnpost editors',
      date: '2027-03-01',
      summary: 'What it is about.',
      ...keys,
    },
    body,
  )

/** An app that has published these articles. */
export async function articlesApp(files: Files, log = openLog('silent')) {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await folder({ 'none.txt': '', ...files }))
  const test = opened.use(await testApp({ articlesDir: path, log }))
  const { articles, author } = test.app
  const blocked = await author.articles.begin()
  const stack = opened.move()
  return {
    ...test,
    articles,
    path,
    /** What was not published at the start. */
    blocked,
    write: (name: string, text: string) => writeFile(join(path, name), text),
    remove: (name: string) => rm(join(path, name)),
    /** Twice, since a folder that is still being written to is left alone. */
    saved: async () => {
      await author.articles.follow()
      await author.articles.follow()
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
