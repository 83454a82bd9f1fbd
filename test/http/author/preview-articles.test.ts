/** Articles are begun with a command and previewed while they are written. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'cheerio'
import { expect, it } from 'vitest'
import { checkFolder } from '../../../src/app/checker.ts'
import { openPreviewer } from '../../../src/app/previewer.ts'
import { newArticle } from '../../../src/cli/new-article.ts'
import { createPreview } from '../../../src/http/author/preview.ts'
import { siteAt } from '../../../src/platform/site-folder.ts'
import { folder } from '../../content/folder.ts'
import { article } from '../../support/articles.ts'
import { textOf } from '../../support/page.ts'
import { until } from '../../support/wait.ts'

/** A site with a broken article, and its preview. */
async function opened() {
  await using stack = new AsyncDisposableStack()
  const { path } = stack.use(
    await folder({
      'dawnpost.yaml': 'language: de\n',
      'courses/README.md': '',
      'articles/broken.md': article({ date: null }),
    }),
  )
  const site = siteAt(path)
  const said: string[] = []
  await newArticle('a-quiet-hour', { site, title: 'Hours: "quiet" $&' }, (text) => said.push(text))
  const previewer = stack.use(openPreviewer(undefined, { site }))
  const server = await createPreview(previewer)
  const get = async (address: string) => {
    const response = await server.request(address)
    const html = await response.text()
    return { status: response.status, text: textOf(html), $: load(html) }
  }
  const done = stack.move()
  return { site, said, previewer, get, [Symbol.asyncDispose]: () => done.disposeAsync() }
}

it('a new article is a draft that passes the check, and overwrites no other', async () => {
  await using test = await opened()
  const file = join(test.site.articles, 'a-quiet-hour.md')
  expect(test.said.join()).toContain('a-quiet-hour.md is a sample article')
  const text = await readFile(file, 'utf8')
  expect(text).toContain('$schema=../node_modules/dawnpost/docs/schema/article.json')
  expect(text).toMatch(/^date: \d{4}-\d\d-\d\d$/m)
  const report = await checkFolder({ site: test.site })
  expect(report.findings.filter(({ file }) => file.endsWith('hour.md'))).toEqual([])
  expect(report.drafts).toMatchObject([{ slug: '../articles/a-quiet-hour.md' }])
  const begin = (slug: string) => newArticle(slug, { site: test.site }, () => {})
  await expect(begin('a-quiet-hour')).rejects.toThrow('Nothing was written')
  await expect(begin('../x')).rejects.toMatchObject({ code: 'invalid' })
  expect(await readFile(file, 'utf8')).toBe(text)
})

it('the preview lists articles with what to fix, and shows one as it is written', async () => {
  await using test = await opened()
  const list = await test.get('/')
  expect(list.text).toContain('Hours: „quiet“ $&')
  expect(list.$('a[href="/articles/a-quiet-hour"]').text()).toContain('draft')
  expect(list.$('a[href="/articles/broken"]').text()).toContain('1 to fix')
  const broken = await test.get('/articles/broken')
  expect(broken.text).toContain('articles/broken.md:2 date: is missing')
  expect(broken.$('article')).toHaveLength(0)
  const shown = await test.get('/articles/a-quiet-hour')
  expect(shown.text).toContain('Draft, not visible to readers')
  expect(shown.text).toContain('The check found no problems here')
  expect(shown.$('article h1').text()).toBe('Hours: „quiet“ $&')
  expect(shown.$('article h2').first().attr('id')).toBe('a-heading-for-each-step')
  expect((await test.get('/articles/none')).status).toBe(404)

  let seen = false
  test.previewer.onSaved(() => {
    seen = true
  })
  await writeFile(
    join(test.site.articles, 'broken.md'),
    article({}, 'Mended.\n\n::: carry\nOn.\n:::\n'),
  )
  await until('the preview to see it', () => seen)
  const mended = await test.get('/articles/broken')
  expect(mended.text).toContain('Mended.')
  expect(mended.$('.block-carry .block-label').text()).not.toBe('')
})
