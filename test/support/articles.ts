/** An articles folder as an author keeps it, and an app that has published it. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLog } from '../../src/platform/log.ts'
import { type Files, folder, page } from '../content/folder.ts'
import { testApp } from './app.ts'

/** An article that passes the check, with these keys in the place of its own. */
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

/** An app whose articles are these, published. */
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
    /** What was not published at the beginning. */
    blocked,
    write: (name: string, text: string) => writeFile(join(path, name), text),
    remove: (name: string) => rm(join(path, name)),
    /** Two turns: a folder that is just being written to is left alone. */
    saved: async () => {
      await author.articles.follow()
      await author.articles.follow()
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
