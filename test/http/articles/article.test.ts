/** The page of an article: what it shows, where it leads, and how long it is cached. */
import { gunzipSync } from 'node:zlib'
import { load } from 'cheerio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { article } from '../../support/articles.ts'
import { hiddenOf } from '../../support/page.ts'
import { readingRoom } from '../../support/reading-room.ts'
import { encoded, FORM, followed, landed, leadsTo, type TestWeb } from '../../support/web.ts'

const SECTIONS = '## One\n\nText.\n\n## Two\n\n### Within\n\n## Three\n\n## Four & more\n'
const FILES = {
  'rain.md': article({
    title: 'Out in the rain',
    date: '2027-03-02',
    tags: '[harsh thoughts, practice]',
    invite: 'inner-wisdom',
    aliases: '[drizzle]',
    related: '[snow, sun, wind]',
    translations: '[regen, matar]',
  }),
  'snow.md': article({ title: 'Snow', date: '2027-03-01' }, SECTIONS),
  'sun.md': article({ title: 'Sun', date: '2027-03-03', invite: 'genau-hinsehen' }),
  'wind.md': article({ title: 'Wind', date: '2027-03-04' }),
  'regen.md': article({ title: 'Im Regen', language: 'de' }),
  'matar.md': article({ title: 'في المطر', language: 'ar' }),
}

let web: TestWeb
beforeAll(async () => {
  web = await readingRoom(FILES, { speech: { languages: ['en', 'de', 'ar'] } })
})
afterAll(() => web?.[Symbol.asyncDispose]())

const read = async (path: string, headers = {}, from: TestWeb = web) => {
  const response = await from.get(path, headers)
  const html = await response.text()
  return { response, html, $: load(html) }
}

describe('the page of an article', () => {
  it('shows what its file says and links to related articles', async () => {
    const { $ } = await read('/articles/rain')
    expect($('h1').text()).toBe('Out in the rain')
    expect($('.hero').text()).toMatch(/By The Dawnpost editors.*March 2, 2027.*1 minute to read/s)
    const links = (within: string) =>
      $(`${within} a`)
        .toArray()
        .map((one) => $(one).attr('href'))
    expect(links('.hero .label')).toEqual([
      '/articles/tags/harsh-thoughts?language=en',
      '/articles/tags/practice?language=en',
    ])
    expect(links('.related')).toEqual(['/articles/snow', '/articles/sun', '/articles/wind'])
    expect(links('.turn')).toEqual(['/articles/snow', '/articles/sun'])
    expect(links('article .end')).toEqual(['/articles/authors/the-dawnpost-editors?language=en'])
    for (const path of [...links('.hero'), ...links('.related'), ...links('.today')])
      expect((await web.get(path ?? '')).status, path).toBe(200)
    expect($('.today h2').text()).not.toBe('')
  })

  it('lists its sections when there are four, each linking to its heading', async () => {
    const { $ } = await read('/articles/snow')
    const items = $('.contents a').toArray()
    expect(items.map((one) => $(one).text())).toEqual(['One', 'Two', 'Three', 'Four & more'])
    for (const one of items) expect($(`.prose h2${$(one).attr('href')}`).text()).toBe($(one).text())
    expect((await read('/articles/rain')).$('.contents').length).toBe(0)
  })

  it('links to its translations, for people and for search engines', async () => {
    const { $ } = await read('/articles/matar')
    expect([$('html').attr('lang'), $('html').attr('dir')]).toEqual(['ar', 'rtl'])
    const alternates = $('link[hreflang]')
      .toArray()
      .map((one) => [$(one).attr('hreflang'), $(one).attr('href')?.replace(/.*\//, '')])
    expect(alternates).toEqual([
      ['ar', 'matar'],
      ['de', 'regen'],
      ['en', 'rain'],
      ['x-default', 'rain'],
    ])
    const others = $('.hero a[hreflang]').toArray()
    expect(others.map((one) => $(one).attr('href'))).toEqual(['/articles/regen', '/articles/rain'])
    // A course in another language is linked to; its form is not shown here.
    expect((await read('/articles/sun')).$('.invitation form').length).toBe(0)
    expect((await read('/articles/sun')).$('.invitation .button').attr('href')).toBe(
      '/courses/genau-hinsehen',
    )
  })

  it('redirects from its former names, also on a site below a path', async () => {
    const moved = await web.get('/articles/drizzle')
    expect([moved.status, moved.headers.get('location')]).toEqual([301, '/articles/rain'])
    await using below = await readingRoom(FILES, {
      env: { PUBLIC_URL: 'https://example.org/mail' },
    })
    expect((await below.get('/mail/articles/drizzle')).headers.get('location')).toBe(
      '/mail/articles/rain',
    )
    const zipped = await below.get('/mail/articles/rain', { 'Accept-Encoding': 'gzip' })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    const html = gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString()
    expect(html.match(/(href|src|action)="\/(?!mail\/)/)).toBeNull()
    expect(html).toContain('"https://example.org/mail/articles/rain"')
    const robots = await (await below.get('/mail/robots.txt')).text()
    expect(robots).toContain('Disallow: /mail/confirm/')
  })

  it('is a 404 in the visitor’s language when it does not exist', async () => {
    const { response, $ } = await read('/articles/nothing', { 'Accept-Language': 'de' })
    expect([response.status, $('html').attr('lang')]).toEqual([404, 'de'])
    for (const path of ['/articles/rain/nothing', '/articles/rain/0123456789abcdeg.png'])
      expect((await web.get(path)).status, path).toBe(404)
  })
})

describe('the invitation', () => {
  const sendFrom = async (fields: object) => {
    const { $ } = await read('/articles/rain')
    const html = $.html('.invitation form')
    web.clock.set(web.app.now().add({ seconds: 20 }))
    return web.post($('.invitation form').attr('action') ?? '', {
      ...FORM,
      ...hiddenOf(html),
      ...fields,
    })
  }

  it('enrolls right from the article', async () => {
    expect(leadsTo(await sendFrom({ email: 'from-an-article@example.com' }))).toBe('/enrolled')
    const { rows } = { rows: await web.db.selectFrom('consents').selectAll().execute() }
    expect(rows.at(-1)?.source).toBe('https://courses.example/articles/rain')
  })

  it('is redisplayed in the article with what was typed, uncached', async () => {
    const sent = await sendFrom({ email: 'nobody', name: 'Ada' })
    expect(leadsTo(sent)).toBe('/articles/rain')
    expect(sent.headers.get('location')).toMatch(/#fault$/)
    const back = await followed(web, sent)
    expect(back.status).toBe(422)
    expect(back.headers.get('cache-control')).toBe('no-store')
    const $ = load(await back.text())
    expect($('h1').text()).toBe('Out in the rain')
    expect([$('#email').val(), $('#name').val()]).toEqual(['nobody', 'Ada'])
    expect($('.invitation #email-fault').text()).not.toBe('')
    expect($('.invitation #fault').text()).toContain('Email address')
    expect($('#letter-email').val()).toBe('')
    // Once corrected there it is accepted, and the next page links back there.
    const html = $.html('.invitation form')
    const fields = { ...FORM, ...hiddenOf(html), email: 'mended@example.com' }
    const done = await web.post($('.invitation form').attr('action') ?? '', fields)
    expect(leadsTo(done)).toBe('/enrolled')
    const next = load(await landed(web, done))
    const again = next('a[href*="form="]').attr('href') ?? ''
    expect(again).toMatch(/^\/articles\/rain\?.*#email$/)
    const changed = await web.get(again.replace('#email', ''))
    expect([changed.status, load(await changed.text())('#email').val()]).toEqual([
      200,
      'mended@example.com',
    ])
  })

  it('is redisplayed on its course’s page when the article does not exist', async () => {
    const form = { ...FORM, email: 'nobody' }
    const sent = await web.post('/courses/inner-wisdom?article=https://evil.example', form)
    expect(leadsTo(sent)).toBe('/courses/inner-wisdom')
  })
})

describe('the letter’s form', () => {
  it('is redisplayed in the article when its address is wrong', async () => {
    const { $ } = await read('/articles/snow')
    web.clock.set(web.app.now().add({ seconds: 20 }))
    const fields = { ...hiddenOf($.html('.letter form')), email: 'nobody', zone: 'Europe/Berlin' }
    const sent = await web.post($('.letter form').attr('action') ?? '', fields)
    expect(leadsTo(sent)).toBe('/articles/snow')
    const back = load(await landed(web, sent))
    expect(back('#letter-email').val()).toBe('nobody')
    expect(back('.letter #fault').text()).not.toBe('')
    const unzoned = await web.post($('.letter form').attr('action') ?? '', { ...fields, zone: '' })
    expect(leadsTo(unzoned)).toBe('/courses/reading-letter')
  })
})

it('an article has the form of the letter about new articles, where the site has one', async () => {
  const { $ } = await read('/articles/rain')
  const form = $('.letter form')
  expect(form.attr('action')).toBe('/courses/reading-letter?article=rain')
  const ids = $('[id]')
    .toArray()
    .map((one) => $(one).attr('id'))
  expect(new Set(ids).size).toBe(ids.length)
  // Without scripts the zone is missing: it is asked for, and the address is kept.
  web.clock.set(web.app.now().add({ seconds: 20 }))
  const fields = { ...Object.fromEntries(new URLSearchParams(form.serialize())), zone: '' }
  const body = encoded({ ...fields, email: 'letter@example.com' })
  const asked = load(await landed(web, await web.post('/courses/reading-letter', body)))
  expect(asked('.hint').first().text()).toContain('choose your time zone')
  expect(asked('#email').val()).toBe('letter@example.com')
})

describe('an article that is requested again', () => {
  const of = async (headers = {}) => {
    const { response, html } = await read('/articles/rain', headers)
    const { status } = response
    const at = (name: string) => response.headers.get(name)
    return { status, tag: at('etag') ?? '', kept: at('cache-control'), vary: at('vary'), html }
  }

  it('is answered 304 until its text, the day or its form’s timestamp changes', async () => {
    const first = await of()
    web.clock.set(web.app.now().add({ seconds: 30 }))
    const second = await of()
    expect(first.kept).toBe('public, max-age=60')
    expect(first.vary).toContain('Cookie')
    expect(second.html).not.toBe(first.html)
    expect(second.tag).toBe(first.tag)
    const again = await of({ 'If-None-Match': `W/"other", ${first.tag}` })
    expect([again.status, again.html, again.kept]).toEqual([304, '', first.kept])
    web.clock.set(web.app.now().add({ hours: 13 }))
    expect((await of({ 'If-None-Match': first.tag })).status).toBe(200)
  })

  it('is not cached for others when the visitor has a session', async () => {
    const { tag } = await of()
    for (const name of ['dawnpost', '__Host-dawnpost']) {
      const own = await of({ Cookie: `a=b; ${name}=secret`, 'If-None-Match': tag })
      expect([own.status, own.kept, own.tag]).toEqual([200, 'private, no-cache', ''])
    }
  })
})
