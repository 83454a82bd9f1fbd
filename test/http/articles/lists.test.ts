/** Lists of articles, and what a search finds. */
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RESERVED_SLUGS } from '../../../src/domain/article-paths.ts'
import { article } from '../../support/articles.ts'
import { readingRoom } from '../../support/reading-room.ts'
import { type TestWeb, testWeb } from '../../support/web.ts'

const many = Object.fromEntries(
  Array.from({ length: 41 }, (_, index) => [
    `a-${String(index).padStart(2, '0')}.md`,
    article({
      title: `Number ${index}`,
      date: String(Temporal.PlainDate.from('2026-12-20').add({ days: index })),
      tags: index % 20 === 0 ? '[Harsh thoughts]' : '[practice]',
      author: index === 0 ? '"山田 花子"' : 'The Dawnpost editors',
    }),
  ]),
)

let web: TestWeb
beforeAll(async () => {
  const german = article({ title: 'Im Regen', language: 'de', tags: '[practice]' })
  const ink = article(
    { title: 'Tinte', language: 'de' },
    'An inkwell, and `<script>alert(1)</script>` beside it.\n',
  )
  web = await readingRoom(
    { ...many, 'regen.md': german, 'ink.md': ink },
    { speech: { languages: ['en', 'de'] } },
  )
})
afterAll(() => web?.[Symbol.asyncDispose]())

const read = async (path: string, headers = {}) => {
  const response = await web.get(path, headers)
  const $ = load(await response.text())
  const texts = (at: string) =>
    $(at)
      .toArray()
      .map((one) => $(one).text())
  return { response, $, titles: texts('.shelf li > a') }
}

describe('the list of all articles', () => {
  it('is split into linked pages, newest first', async () => {
    const titles: string[] = []
    let path: string | undefined = '/articles'
    for (let page = 1; path !== undefined; page++) {
      const { $, ...one }: Awaited<ReturnType<typeof read>> = await read(path)
      titles.push(...one.titles)
      expect($('.turn .quiet').text()).toBe(`Page ${page} of 3`)
      const next: string | undefined = $('a[rel="next"]').attr('href')
      const whole = next && `https://courses.example${next}`
      expect($('link[rel="next"]').attr('href')).toBe(whole)
      expect($('link[rel="prev"]').length).toBe(page === 1 ? 0 : 1)
      path = next
    }
    expect(titles).toEqual(Array.from({ length: 41 }, (_, index) => `Number ${40 - index}`))
  })

  it.each(['0', '4', '01', 'x', '-1', '999999'])('has no page %s', async (page) => {
    expect((await web.get(`/articles?page=${page}`)).status).toBe(404)
  })

  it('is in the visitor’s language, and tells caches and search engines so', async () => {
    const german = await read('/articles', { 'Accept-Language': 'de' })
    expect(german.titles).toEqual(['Tinte', 'Im Regen'])
    expect(german.response.headers.get('vary')).toContain('Accept-Language')
    expect(german.$('link[rel="canonical"]').attr('href')).toMatch(/\?language=de$/)
    expect(german.$('.hero a[hreflang="en"]').attr('href')).toBe('/articles?language=en')
    const named = await read('/articles?language=de')
    expect(named.$('html').attr('lang')).toBe('de')
    expect(named.response.headers.get('vary')).not.toContain('Accept-Language')
    expect((await web.get('/articles?language=fr')).status).toBe(404)
  })

  it('links to every list that exists; any other is a 404', async () => {
    const { $ } = await read('/articles?language=en')
    const paths = $('.lists a')
      .toArray()
      .map((one) => $(one).attr('href') ?? '')
    expect(paths.map((path) => decodeURIComponent(path.replace(/\?.*/, '')))).toEqual([
      '/articles/tags/harsh-thoughts',
      '/articles/tags/practice',
      '/articles/authors/the-dawnpost-editors',
      '/articles/authors/山田-花子',
      '/articles/years/2027',
      '/articles/years/2026',
    ])
    const counts = await Promise.all(paths.map(async (path) => (await read(path)).titles.length))
    expect(counts).toEqual([3, 20, 20, 1, 20, 12])
    for (const path of [
      ...RESERVED_SLUGS.filter((slug) => slug !== 'feed').map((slug) => `/articles/${slug}`),
      '/articles/tags/nothing',
      '/articles/tags/-',
      '/articles/authors/nobody',
      '/articles/years/2025',
      '/articles/years/20270',
      '/articles/tags/harsh-thoughts?language=de',
      '/articles/tags/harsh-thoughts?page=2',
    ])
      expect((await web.get(path)).status, path).toBe(404)
  })

  it('is a 404 on a site without articles, whose front page links to none', async () => {
    await using none = await testWeb()
    expect((await none.get('/articles')).status).toBe(404)
    expect((await none.get('/articles/feed')).status).toBe(404)
    expect(await (await none.get('/')).text()).not.toContain('/articles')
  })
})

it('the front page shows the newest three, in the language of the visitor', async () => {
  expect((await read('/')).titles).toEqual(['Number 40', 'Number 39', 'Number 38'])
  expect((await read('/', { 'Accept-Language': 'de' })).titles).toEqual(['Tinte', 'Im Regen'])
})

describe('a search', () => {
  it('shows what it finds with the words marked, and never treats text as markup', async () => {
    const { $, response, titles } = await read('/articles?q=coat')
    expect(titles).toHaveLength(20)
    expect($('.shelf mark').first().text()).toBe('coat')
    expect($('#q').val()).toBe('coat')
    expect(response.headers.get('x-robots-tag')).toBe('noindex')
    // Part of a word is searched for in the text as it is.
    const found = await read('/articles?language=de&q=nkwel')
    expect(found.$('.shelf').text()).toContain('<script>')
    for (const words of ['nkwel', 'inkwell', 'alert', '"><script>alert(1)</script>']) {
      const hostile = await read(`/articles?language=de&q=${encodeURIComponent(words)}`)
      expect([words, hostile.$('script').length, hostile.$('#q').val()]).toEqual([words, 0, words])
    }
  })

  it('says when it found nothing, and shows the newest articles', async () => {
    const { $, titles } = await read('/articles?q=zebra')
    expect($('[role="status"]').text()).toContain('Nothing found for “zebra”')
    expect(titles).toHaveLength(3)
  })

  it('asks for fewer words when there are too many, and keeps them', async () => {
    const words = 'coat '.repeat(40).trim()
    const { $, response } = await read(`/articles?q=${encodeURIComponent(words)}`)
    expect(response.status).toBe(422)
    expect([$('#q').val(), $('#q-fault').text()]).toEqual([words, expect.stringContaining('100')])
  })

  it('for nothing shows the list', async () => {
    expect((await read('/articles?q=%20')).titles).toHaveLength(20)
  })
})
