/**
 * `npm run bench -- --articles [--count N] [--json]`: the cost of a large folder of articles, in
 * milliseconds and in CPU time of this process: to publish it, to check it for changes, to publish
 * one saved article, to search it, and to show its pages.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { openApp } from '../../src/app/app.ts'
import { createServer } from '../../src/http/server.ts'
import { readConfig } from '../../src/platform/config.ts'
import { openLog } from '../../src/platform/log.ts'
import { openEmbedded } from '../../src/store/postgres/embedded.ts'
import { writeArticles } from './texts.ts'

const { values: options } = parseArgs({
  options: {
    articles: { type: 'boolean' },
    count: { type: 'string', default: '1000' },
    json: { type: 'boolean' },
  },
})
const count = Number(options.count)
const SEARCHES = ['sentence', '"how you feel"', 'kind or harsh', 'xyzzy', '手紙']

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'dawnpost-bench-'))
stack.defer(() => rm(folder, { recursive: true, force: true }))
const articlesDir = join(folder, 'articles')
await mkdir(articlesDir)
await writeArticles(articlesDir, count)
const postgres = stack.adopt(await openEmbedded(folder), (postgres) => postgres.close())
const config = readConfig({
  DATABASE_URL: postgres.url,
  SECRET_KEY: 'a key for the bench and for nothing else',
  DATA_DIR: join(folder, 'data'),
})
const open = async () =>
  stack.adopt(await openApp(config, { articlesDir, log: openLog('silent') }), (app) => app.close())
const app = await open()
const { articles, author } = app

const measured: { name: string; ms: number; cpuMs: number; longestTurnMs: number }[] = []
async function measure(name: string, act: () => Promise<unknown>) {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const before = process.cpuUsage()
  const begun = performance.now()
  await act()
  const ms = performance.now() - begun
  delays.disable()
  const { user, system } = process.cpuUsage(before)
  const cpuMs = Math.round((user + system) / 1_000)
  measured.push({
    name,
    ms: Math.round(ms * 10) / 10,
    cpuMs,
    longestTurnMs: Math.round(delays.max / 1e6),
  })
}

await measure(`publishing ${count} articles`, author.articles.begin)
await measure('the same again, nothing changed', author.articles.begin)
await measure('a turn with nothing to do', author.articles.follow)
await measure('publishing one that was saved', async () => {
  const file = join(articlesDir, 'article-7.md')
  await writeFile(file, `${await readFile(file, 'utf8')}\nA line that was added.\n`)
  await author.articles.follow()
  await author.articles.follow()
})
await measure('a second process, with all of it live', open)
for (const words of SEARCHES) await measure(`searching for ${words}`, () => articles.search(words))
await measure('the text of one', () => articles.textOf('article-7'))
await app.author.courses.begin()
const site = await createServer(app)
const page = async (path: string) => {
  const answer = await site.request(path, { headers: { host: new URL(app.siteUrl).host } })
  if (answer.status !== 200) throw new Error(`${path} answers ${answer.status}`)
  await answer.arrayBuffer()
}
await measure('the page of an article, the first time', () => page('/articles/article-7'))
await measure('the pages of fifty, one after the other', async () => {
  for (let n = 0; n < 50; n += 1) await page(`/articles/article-${n}`)
})
for (const path of ['/articles', '/articles?page=50', '/articles/feed', '/sitemap.xml', '/'])
  await measure(path, () => page(path))

const live = articles.all().length
if (live !== count) throw new Error(`${live} of ${count} articles are live`)
if (options.json) console.log(JSON.stringify(measured))
else
  for (const { name, ms, cpuMs, longestTurnMs } of measured)
    console.log(
      `${name.padEnd(44)} ${ms.toFixed(1).padStart(8)} ms   CPU of this process ${cpuMs} ms   longest turn ${longestTurnMs} ms`,
    )
