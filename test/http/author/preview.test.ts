/** The author's preview, requested as a browser does. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'cheerio'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPreviewer, type Previewer } from '../../../src/app/previewer.ts'
import { newCourse } from '../../../src/cli/new-course.ts'
import { createPreview } from '../../../src/http/author/preview.ts'
import { textOf } from '../../support/page.ts'
import { until } from '../../support/wait.ts'

let courses: string
let previewer: Previewer
let server: Hono
beforeAll(async () => {
  courses = await mkdtemp(join(tmpdir(), 'dawnpost-preview-'))
  await newCourse('pages', { courses }, () => {})
  await cp(new URL('../../../courses/daily-inspiration', import.meta.url), join(courses, 'daily'), {
    recursive: true,
  })
  previewer = openPreviewer(courses)
  server = await createPreview(previewer)
})
afterAll(async () => {
  previewer[Symbol.dispose]()
  await rm(courses, { recursive: true })
})

const get = async (path: string) => {
  const response = await server.request(path)
  const html = await response.text()
  return { status: response.status, html, text: textOf(html), $: load(html) }
}
const file = () => join(courses, 'pages', '01-one-thing-only.md')

/** Saves a file as an editor does, and waits until the preview has seen it. */
async function save(text: string) {
  let seen = false
  const stop = previewer.onSaved(() => {
    seen = true
  })
  await writeFile(file(), text)
  await until('the preview to see it', () => seen)
  stop()
}

describe('the preview', () => {
  it('lists every mail of every course, with its subject', async () => {
    const { $, text } = await get('/')
    expect(text).toContain('Day 1 Your first lesson')
    expect(text).toContain('welcome You are in, and it begins soon')
    expect($('a[href^="/daily/inspiration-"]')).toHaveLength(366)
    expect(text).not.toContain('to fix')
  })

  it('shows a mail as it is sent: page, text, headers, size', async () => {
    const { $, text } = await get('/pages/day-1')
    expect(text).toContain('Dear Ada')
    expect(text).toContain('courses/pages/01-one-thing-only.md')
    expect(text).toContain('List-Unsubscribe-Post')
    expect(text).toContain('The check found no problems here.')
    const src = $('iframe').attr('src') ?? ''
    const mail = await get(src)
    expect(mail.$('h1').text()).toBe('Your first lesson')
    expect(mail.html).not.toContain('prefers-color-scheme')
  })

  it.each([
    ['without a name', 'none', /^(?!.*Dear)/s],
    ['with a long name', 'long', /Dear Wilhelmina-Alexandrina/],
    ['with a name from right to left', 'rtl', /Dear עדה/],
  ])('shows a mail to a reader %s', async (_, reader, said) => {
    expect((await get(`/pages/day-1/html?reader=${reader}`)).text).toMatch(said)
  })

  it('shows the dark colors by the mail’s own rules, and the inspiration beside a lesson', async () => {
    expect((await get('/pages/day-1/html?scheme=dark')).html).toContain('@media all')
    expect((await get('/pages/day-1/html?scheme=light')).html).toContain('@media not all')
    expect((await get('/pages/day-1/html?beside=yes')).text).toContain(
      'Unsubscribe from The Daily Inspiration only',
    )
  })

  it('follows a saved file, and says what to fix in it', async () => {
    const before = await readFile(file(), 'utf8')
    await save(before.replace('subject: Your first lesson', 'subject: Another beginning'))
    expect((await get('/pages/day-1/html')).$('h1').text()).toBe('Another beginning')
    await save(before.replace(/^This is the text[\s\S]*?\n\n/m, '[here](http://example.com)\n\n'))
    const { $ } = await get('/pages/day-1')
    expect($('.findings').text()).toContain('pages/01-one-thing-only.md:')
    await save(before.replace('minutes: 10', 'minutes: soon'))
    const broken = await get('/')
    expect(broken.text).toContain('Cannot be loaded')
    expect(broken.text).toContain('minutes: must be a whole number of minutes')
    expect((await get('/pages/day-1')).status).toBe(404)
    await save(before)
    expect((await get('/pages/day-1')).status).toBe(200)
  })

  it('tells a watching page that a file was saved', async () => {
    const response = await server.request('/events')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toContain('event: watching')
    await save(await readFile(file(), 'utf8'))
    expect((await reader?.read())?.value).toContain('event: saved')
    await reader?.cancel()
  })

  it('answers only to this machine’s host names and to those it was given', async () => {
    const named = await createPreview(previewer, ['studio.lan'])
    const statusAs = async (host: string) =>
      (await named.request(`http://${host}/assets/style.css`)).status
    expect(
      await Promise.all(['localhost:4000', 'studio.lan', 'evil.example'].map(statusAs)),
    ).toEqual([200, 200, 421])
  })

  it('sends the headers of the site, and for a mail those of a mail', async () => {
    const { headers } = await server.request('/pages/day-1')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('permissions-policy')).toContain('camera=()')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN')
    const mail = await server.request('/pages/day-1/html')
    expect(mail.headers.get('content-security-policy')).toContain('sandbox allow-popups')
  })

  it.each(['/pages/day-9', '/nothing/day-1', '/pages/day-1/more'])('has no %s', async (path) => {
    expect((await get(path)).status).toBe(404)
  })
})
