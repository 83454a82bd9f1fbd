/**
 * A customized site, in pages and mails: name, look, footer, front page, templates, assets.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_SITE_SETTINGS, type SiteSettings } from '../../../src/domain/site.ts'
import { siteAt } from '../../../src/platform/site-folder.ts'
import { enrolled } from '../../support/app.ts'
import { textOf } from '../../support/page.ts'
import { type TestWeb, testWeb } from '../../support/web.ts'

const SETTINGS: SiteSettings = {
  ...DEFAULT_SITE_SETTINGS,
  name: 'Mornings & more',
  tagline: 'A few lines before breakfast.',
  theme: { light: { accent: '#005f5f' }, footer: 'Written at a kitchen table.' },
  footer: { fr: ['Une ligne.'], en: ['One <line>.', 'Another.'] },
  links: { imprint: '/imprint', privacy: 'https://example.com/privacy' },
  rhythm: { time: '06:15', weekdays: [1, 3] },
  front: ['looking-closely', 'inner-wisdom'],
}

let root: string
let web: TestWeb
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dawnpost-own-'))
  const write = async (folder: string, name: string, text: string) => {
    await mkdir(join(root, folder), { recursive: true })
    await writeFile(join(root, folder, name), text)
  }
  await write('assets', 'logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await write('assets', 'style.css', 'body { color: teal }')
  await write('assets', '.secret.png', 'hidden')
  await write('assets', 'page.html', '<p>no page')
  await write('.', 'outside.png', 'outside')
  await write('templates/pages', 'erased.hbs', '<p>Gone from {{site}}')
  await write('templates/mail/partials', 'foot.txt', '\n--\nThe foot of {{siteName}}\n')
  web = await testWeb({ site: { folder: siteAt(root), settings: SETTINGS } })
})
afterAll(async () => {
  await web[Symbol.asyncDispose]()
  await rm(root, { recursive: true })
})

const page = async (path: string) => (await web.get(path)).text()
const sheetsOf = (html: string) => html.match(/(?<=rel="stylesheet" href=")[^"]+/g)

describe('a page', () => {
  it('has the name, the footer and the links of the site', async () => {
    for (const path of ['/', '/courses/inner-wisdom', '/nowhere']) {
      const html = await page(path)
      expect(html).toContain('</span>Mornings &amp; more</a>')
      expect(html).not.toContain('your local emergency number or a crisis line')
      expect(html.replace(/\s+/g, ' ')).toContain(
        '<footer> <p>One &lt;line&gt;.</p> <p>Another.</p> <p><a href="/link">Already enrolled? Get your link by email.</a> &nbsp;·&nbsp; <a href="/imprint">Legal notice</a> &nbsp;·&nbsp; <a href="https://example.com/privacy">Privacy</a></p>',
      )
    }
  })

  it('declares the language of lines that are not in its own', async () => {
    const settings = { ...SETTINGS, languages: ['en', 'ar', 'fr'] }
    await using other = await testWeb({ site: { folder: siteAt(root), settings } })
    const front = async (language: string) =>
      (await other.get('/', { 'Accept-Language': language })).text()
    const arabic = await front('ar')
    expect(arabic).toContain('<p class="lead" lang="en" dir="ltr">A few lines')
    expect(arabic).toContain('<p lang="en" dir="ltr">Another.</p>')
    expect(await front('fr')).toContain('<p>Une ligne.</p>')
  })

  it('looks like the site where its series has no look of its own', async () => {
    expect(sheetsOf(await page('/link'))).toEqual(['/assets/style.css', '/theme.css'])
    const own = '/courses/looking-closely/theme.css'
    expect(sheetsOf(await page('/courses/looking-closely'))).toEqual(['/assets/style.css', own])
    const sheet = await page('/theme.css')
    expect(sheet).toContain('--dawn: #005f5f')
    expect(await page('/courses/inner-wisdom/theme.css')).toBe(sheet)
    expect(await page(own)).not.toBe(sheet)
  })

  it('at the front shows the tagline, and the configured series in order', async () => {
    const html = await page('/')
    expect(textOf(html)).toContain(SETTINGS.tagline)
    expect(html.match(/(?<=class="button" href=")[^"]+/g)).toEqual([
      '/courses/looking-closely',
      '/courses/inner-wisdom',
    ])
    expect(html).not.toContain('daily-inspiration')
  })

  it('with a form proposes the rhythm of the site where its series has none', async () => {
    const proposed = async (slug: string) => {
      const html = await page(`/courses/${slug}`)
      const days = [...html.matchAll(/name="weekdays" value="(\d)" checked/g)].map(([, day]) => day)
      return [/name="time"[^>]* value="([^"]+)"/.exec(html)?.[1], days.join('')]
    }
    expect(await proposed('inner-wisdom')).toEqual(['06:15', '13'])
    expect(await proposed('looking-closely')).toEqual(['06:15', '12345'])
  })

  it('is made from the site’s template', async () => {
    expect(await page('/erased')).toBe('<p>Gone from Mornings &amp; more')
  })
})

describe('a file under /assets', () => {
  it('is the site’s before ours, with the same headers and caching', async () => {
    const [logo, style, script] = await Promise.all(
      ['logo.svg', 'style.css', 'form.js'].map((name) => web.get(`/assets/${name}`)),
    )
    expect(logo?.headers.get('content-type')).toMatch(/^image.svg\+xml/)
    expect(await style?.text()).toBe('body { color: teal }')
    expect(script?.status).toBe(200)
    for (const name of ['cache-control', 'content-security-policy'])
      expect(logo?.headers.get(name)).toBe(script?.headers.get(name))
    const etag = logo?.headers.get('etag') ?? ''
    expect((await web.get('/assets/logo.svg', { 'If-None-Match': etag })).status).toBe(304)
  })

  it.each([
    '/assets/page.html',
    '/assets/.secret.png',
    '/assets/..%2foutside.png',
    '/assets/%2e%2e/outside.png',
    '/assets/..%5coutside.png',
    '/assets/../dawnpost.yaml',
    '/assets/nothing.png',
    '/assets/',
  ])('does not exist at %s', async (path) => {
    const response = await web.server.request(path)
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining('<html'),
    ])
  })
})

it('a mail has the name, the look and the templates of the site', async () => {
  await enrolled(web, { series: ['inner-wisdom'] })
  await web.settle()
  const sandbox = web.app.author.sandbox
  const kept = await sandbox?.list(9)
  const welcome = kept?.find(({ kind }) => kind === 'welcome')
  const {
    html = '',
    text = '',
    from,
  } = await PostalMime.parse((await sandbox?.one(welcome?.id ?? ''))?.raw ?? '')
  expect(from).toMatchObject({ name: 'Mornings & more' })
  expect(text).toContain('The foot of Mornings & more')
  expect(html).toContain('href="https://courses.example/imprint"')
  expect(html).toContain('Written at a kitchen table.')
  expect(html).toContain('#005f5f')
})
