/**
 * Landmarks, by which people navigate with a screen reader, on the kinds of page that no other file
 * here covers.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPreviewer } from '../../src/app/previewer.ts'
import { newCourse } from '../../src/cli/new-course.ts'
import { createPreview } from '../../src/http/author/preview.ts'
import { siteAt } from '../../src/platform/site-folder.ts'
import { folder } from '../content/folder.ts'
import { enrolled } from '../support/app.ts'
import { article } from '../support/articles.ts'
import { browseSite, overflowOf, partsMissing, shot, violationsOf } from '../support/browser.ts'

const articles = await folder({ 'a-quiet-hour.md': article({ title: 'A quiet hour' }) })
afterAll(() => articles[Symbol.asyncDispose]())
const { browser, site } = await browseSite({
  articlesDir: articles.path,
  env: { EMBED_ORIGINS: 'https://teacher.example' },
})
await site.app.author.articles.begin()

/** The preview of a site with a course and an article. */
async function previewed() {
  await using stack = new AsyncDisposableStack()
  const draft = article({ date: null })
  const { path } = stack.use(
    await folder({ 'dawnpost.yaml': 'language: en\n', 'articles/broken.md': draft }),
  )
  const own = siteAt(path)
  await newCourse('looking', { courses: own.courses }, () => {})
  const previewer = stack.use(openPreviewer(undefined, { site: own }))
  const { fetch } = await createPreview(previewer)
  const server = createAdaptorServer({ fetch }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const opened = stack.move()
  return { url, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
const preview = await previewed()
afterAll(() => preview[Symbol.asyncDispose]())

const paths = { data: '', erase: '', practised: '', paused: '' }
beforeAll(async () => {
  const { links, now } = site.app
  const { subscriber, first } = await enrolled(site)
  await site.settle()
  site.clock.set('2027-03-20T06:00:00Z')
  await site.settle()
  paths.data = links.url('data', subscriber.id, now())
  paths.erase = links.url('erase', subscriber.id, now())
  paths.paused = links.url('preferences', first.id, now())
  const came = await site.db
    .selectFrom('deliveries')
    .select('id')
    .where('kind', '=', 'lesson')
    .executeTakeFirstOrThrow()
  paths.practised = links.url('practice', came.id, now())
})

const press = async (page: Page, url: string, name: string) => {
  await page.goto(url)
  await page.getByRole('button', { name, exact: true }).click()
  await page.waitForLoadState('load')
}

const PAGES: [name: string, open: (page: Page) => Promise<unknown>][] = [
  ['data', (page) => page.goto(paths.data)],
  ['erase', (page) => page.goto(paths.erase)],
  ['practised', (page) => press(page, paths.practised, 'I did the practice')],
  ['paused', (page) => press(page, `${paths.paused}/pause`, 'Pause until I resume')],
  ['articles-too-long', (page) => page.goto(`${site.url}/articles?q=${'x'.repeat(300)}`)],
  ['embed-code', (page) => page.goto(`${site.url}/courses/inner-wisdom/embed-code`)],
  ['embed', (page) => page.goto(`${site.url}/courses/inner-wisdom/embed`)],
  ['signed-out', (page) => page.goto(`${site.url}/signed-out`)],
  ['preview', (page) => page.goto(preview.url)],
  ['preview-mail', (page) => page.goto(`${preview.url}/looking/welcome`)],
  ['preview-article', (page) => page.goto(`${preview.url}/articles/broken`)],
]

// One page for all tests: opening it in a new context takes three times as long.
const context = await browser.newContext({ viewport: { width: 360, height: 740 } })
const page = await context.newPage()

it.each(PAGES)('%s has landmarks, fits a phone, and is free of violations', async (name, open) => {
  await open(page)
  await shot(page, `${name}-360-light`)
  expect([await violationsOf(page), await partsMissing(page)]).toEqual([[], []])
  expect(await overflowOf(page)).toBeLessThanOrEqual(0)
})

it('content outside a landmark, or in two of the same name, is found', async () => {
  await page.goto(site.url)
  await page.evaluate(`(() => {
    document.querySelector('.sandbox').outerHTML = '<p>Sandbox</p>'
    document.querySelector('main').insertAdjacentHTML('afterend', '<nav><a href="/">One</a></nav><nav><a href="/">Two</a></nav>')
    document.querySelector('h1').outerHTML = '<p>Heading</p>'
  })()`)
  const found = (await violationsOf(page)).map((one) => one.split(' ')[1])
  expect(new Set(found)).toEqual(new Set(['landmark-unique', 'page-has-heading-one', 'region']))
})

it('a page is unchanged by the check, which also covers options with attributes of their own', async () => {
  await page.goto(`${site.url}/courses/inner-wisdom`)
  const zone = page.getByLabel('Time zone')
  await zone.selectOption('Asia/Tokyo')
  const before = await page.content()
  expect(await violationsOf(page)).toEqual([])
  expect([await page.content(), await zone.inputValue()]).toEqual([before, 'Asia/Tokyo'])
  await page.evaluate(
    `document.querySelectorAll('option')[5].setAttribute('aria-checked', 'nonsense')`,
  )
  expect((await violationsOf(page)).join()).toContain('aria-valid-attr-value')
})
