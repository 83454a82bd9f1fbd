/** What programs read of articles: feed, sitemap, robots.txt and the metadata of pages. */
import Validator from '@adobe/structured-data-validator'
import { load } from 'cheerio'
import { parseAtomFeed } from 'feedsmith'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { DEFAULT_SITE_SETTINGS } from '../../../src/domain/site.ts'
import { BUILT_IN_SITE } from '../../../src/platform/site-folder.ts'
import { article } from '../../support/articles.ts'
import { readingRoom } from '../../support/reading-room.ts'
import type { TestWeb } from '../../support/web.ts'

const HOSTILE = `"</script><script>alert(1)</script> & 'more' <!--"`
const FILES = {
  'rain.md': article(
    {
      title: JSON.stringify(HOSTILE),
      date: '2027-03-02',
      tags: '[practice]',
      aliases: '[drizzle]',
    },
    'See [snow](article:snow) and [below](#on).\n\n## On\n\nText.\n',
  ),
  'snow.md': article({ title: 'Snow', date: '2027-02-01', translations: '[schnee]' }),
  'schnee.md': article({ title: 'Schnee', language: 'de' }),
}
const SITE = 'https://courses.example'

let web: TestWeb
beforeAll(async () => {
  web = await readingRoom(FILES, { speech: { languages: ['en', 'de'] } })
})
afterAll(() => web?.[Symbol.asyncDispose]())

const read = async (path: string) => {
  const response = await web.get(path)
  return { response, text: await response.text() }
}

describe('the feed', () => {
  it('parses as Atom, with absolute links in its texts', async () => {
    const { response, text } = await read('/articles/feed')
    expect(response.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
    const { entries = [], links, ...feed } = parseAtomFeed(text)
    expect(feed).toMatchObject({
      id: `${SITE}/articles?language=en`,
      title: { value: 'Dawnpost: Articles' },
      updated: '2027-03-19T12:00:00Z',
    })
    expect(links).toContainEqual(
      expect.objectContaining({ rel: 'self', href: `${SITE}/articles/feed?language=en` }),
    )
    expect(entries.map(({ id }) => id)).toEqual([`${SITE}/articles/rain`, `${SITE}/articles/snow`])
    expect(entries[0]).toMatchObject({
      authors: [{ name: 'The Dawnpost editors' }],
      published: '2027-03-02T00:00:00Z',
      categories: [{ term: 'practice' }],
    })
    expect(entries[0]?.title?.value).toMatch(/<\/script>.* & /)
    const $ = load(entries[0]?.content?.value ?? '')
    const hrefs = $('a')
      .toArray()
      .map((one) => $(one).attr('href'))
    expect(hrefs).toEqual([`${SITE}/articles/snow`, `${SITE}/articles/rain#on`])
    const tag = response.headers.get('etag') ?? ''
    expect((await web.get('/articles/feed', { 'If-None-Match': tag })).status).toBe(304)
  })

  it('is linked from the pages in its language', async () => {
    const $ = load((await read('/articles/schnee')).text)
    const feed = $('link[type="application/atom+xml"]').attr('href') ?? ''
    expect(parseAtomFeed((await read(feed)).text).entries).toHaveLength(1)
  })
})

/** What Google requires of an Article, its author and its publisher. */
const WEB = z.url({ protocol: /^https$/ })
const postingShape = z.object({
  '@type': z.literal('BlogPosting'),
  headline: z.string().min(1).max(120),
  description: z.string().min(1),
  url: WEB,
  datePublished: z.iso.date(),
  dateModified: z.iso.date(),
  author: z.object({
    '@type': z.enum(['Person', 'Organization']),
    name: z.string().min(1),
    url: WEB,
  }),
  publisher: z.object({ '@type': z.literal('Organization'), name: z.string().min(1), url: WEB }),
  image: z.array(z.object({ '@type': z.literal('ImageObject'), url: WEB, width: z.literal(1200) })),
  inLanguage: z.string(),
  wordCount: z.number().positive(),
})

it('a page describes itself to search engines and networks, even with hostile text in it', async () => {
  const { text } = await read('/articles/rain')
  const $ = load(text)
  const scripts = $('script')
    .toArray()
    .map((one) => $(one).attr('type') ?? $(one).attr('src'))
  expect(scripts).toEqual(['application/ld+json', '/assets/form.js'])
  const data = JSON.parse($('script').first().text())
  const [posting, breadcrumbs] = data['@graph']
  expect(postingShape.parse(posting).headline).toBe($('h1').text())
  expect($('h1').text()).toContain('</script>')
  const found = { jsonld: { BlogPosting: [posting], BreadcrumbList: [breadcrumbs] } }
  expect(await new Validator().validate(structuredClone(found))).toEqual([])
  const items = breadcrumbs.itemListElement.map(({ item }: { item: string }) => item)
  expect(items).toEqual([`${SITE}/`, `${SITE}/articles?language=en`, `${SITE}/articles/rain`])
  const meta = (name: string) => $(`meta[property="${name}"]`).attr('content')
  expect([meta('og:type'), meta('og:title'), meta('og:url'), meta('og:locale')]).toEqual([
    'article',
    $('h1').text(),
    $('link[rel="canonical"]').attr('href'),
    'en_US',
  ])
  expect(posting.image[0].url).toBe(meta('og:image'))
  for (const { item } of breadcrumbs.itemListElement)
    expect((await web.get(item.slice(SITE.length) || '/')).status, item).toBe(200)
})

it('an author is a person, except for the site itself and the organizations it names', async () => {
  const files = {
    'a.md': article({ author: 'Ada' }),
    'b.md': article({ author: 'The “Morning” editors' }),
    'c.md': article({ author: 'Mornings' }),
  }
  const settings = {
    ...DEFAULT_SITE_SETTINGS,
    name: 'Mornings',
    organizations: ['The "Morning" editors'],
  }
  await using other = await readingRoom(files, { site: { folder: BUILT_IN_SITE, settings } })
  const typeOf = async (slug: string) => {
    const html = await (await other.get(`/articles/${slug}`)).text()
    return JSON.parse(load(html)('script').first().text())['@graph'][0].author['@type']
  }
  expect([await typeOf('a'), await typeOf('b'), await typeOf('c')]).toEqual([
    'Person',
    'Organization',
    'Organization',
  ])
})

it('the validator finds what is missing', async () => {
  const broken = { jsonld: { BreadcrumbList: [{ '@type': 'BreadcrumbList' }] } }
  expect((await new Validator().validate(broken)).length).toBeGreaterThan(0)
})

describe('the sitemap', () => {
  it('lists all public pages, each of which exists, with their translations', async () => {
    const { response, text } = await read('/sitemap.xml')
    expect(response.headers.get('content-type')).toMatch(/^application\/xml/)
    const $ = load(text, { xml: true })
    const urls = $('url')
      .toArray()
      .map((one) => $(one).children('loc').text())
    expect(new Set(urls).size).toBe(urls.length)
    expect(urls).toEqual(
      expect.arrayContaining([
        `${SITE}/`,
        `${SITE}/articles?language=de`,
        `${SITE}/articles/tags/practice?language=en`,
        `${SITE}/articles/years/2027?language=en`,
        `${SITE}/articles/rain`,
        `${SITE}/courses/inner-wisdom`,
        `${SITE}/daily/daily-inspiration`,
      ]),
    )
    for (const url of urls) {
      const page = await web.get(url.slice(SITE.length))
      expect([url, page.status, page.headers.get('x-robots-tag')]).toEqual([url, 200, null])
    }
    const snow = $('url').filter(
      (_, one) => $(one).children('loc').text() === `${SITE}/articles/snow`,
    )
    expect(snow.children('lastmod').text()).toBe('2027-03-19')
    const links = snow.children('xhtml\\:link').toArray()
    expect(links.map((one) => $(one).attr('hreflang'))).toEqual(['de', 'en', 'x-default'])
  })
})

it('robots.txt allows public pages, disallows all personal links and names the sitemap', async () => {
  const { text } = await read('/robots.txt')
  const closed = [...text.matchAll(/^Disallow: (.+)$/gm)].map(([, path = '']) => path)
  const isClosed = (path: string) => closed.some((one) => path.startsWith(one))
  const personal = web.server.routes
    .map(({ path }) => path)
    .filter((path) => /\/:(token|file)\b/.test(path))
  expect(personal.length).toBeGreaterThan(10)
  expect(personal.filter((path) => !isClosed(path))).toEqual([])
  for (const path of [
    '/',
    '/courses/inner-wisdom',
    '/articles',
    '/articles/rain',
    '/daily/x',
    '/assets/x',
  ])
    expect([path, isClosed(path)]).toEqual([path, false])
  expect(text).toContain(`Sitemap: ${SITE}/sitemap.xml`)
})
