/** Counted links of a lesson: the mail with and without its reader's consent. */
import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { markdownToHtml } from '../../../src/content/markdown.ts'
import { countedLinksIn } from '../../../src/domain/counted-links.ts'
import type { Course } from '../../../src/domain/course.ts'
import { english } from '../../../src/locales/locale.ts'
import { editionOf } from '../../../src/mail/render/edition-from-source.ts'
import { joinFlowed } from '../../../src/mail/render/flowed.ts'
import { readable } from '../../../src/mail/render/readable.ts'
import { composed, course, lessonWith, reader } from '../make.ts'

const counting: Course = { ...course, clicks: 'count' }
const AUTHORS = ['https://one.example/a?b=1&c=2', 'http://two.example/', 'https://three.example/x']
const html = `<p>Read <a href="https://one.example/a?b=1&amp;c=2">one</a> and
<a href="http://two.example/">two</a>, <a href="https://one.example/a?b=1&amp;c=2">one again</a>,
<a href="mailto:ada@example.com">write</a>, <a href="{{unsubscribeUrl}}">leave</a>,
<a href="https://four.example/?n={{firstName}}">four</a>, <a href="/articles/two-cups">ours</a>,
<a href="https://courses.example/daily">ours, too</a>.</p>`
const practice = {
  title: 'Look',
  minutes: 5,
  html: '<p><a href="https://three.example/x">three</a></p>',
}
const urls = ['0', '1', '2'].map((token) => `https://courses.example/to/${token}`)
const hrefs = (page: string) =>
  load(page)('a[href]')
    .toArray()
    .map(({ attribs }) => attribs.href)

describe('a course that counts', () => {
  it('sends a reader who has not agreed the very mail of a course that does not count', async () => {
    const plain = await composed(await lessonWith({ html, practice }))
    const direct = await composed(await lessonWith({ html, practice }, counting))
    expect(direct.html).toBe(plain.html)
    expect(joinFlowed(direct.text)).toBe(joinFlowed(plain.text))
    expect(direct.html + direct.text).not.toContain('/to/')
  })

  it('routes the author’s links, and no others, through the site for a reader who agrees', async () => {
    const plain = await composed(await lessonWith({ html, practice }))
    const edition = await lessonWith({ html, practice }, counting)
    const counted = await composed(edition, { countedUrls: urls })
    const meant = (text: string) =>
      urls.reduce((all, url, index) => all.replaceAll(url, AUTHORS[index] ?? ''), text)
    expect(hrefs(counted.html).filter((href) => urls.includes(href ?? ''))).toHaveLength(4)
    expect(hrefs(counted.html).map((href) => meant(href ?? ''))).toEqual(hrefs(plain.html))
    expect(meant(joinFlowed(counted.text))).toBe(joinFlowed(plain.text))
    for (const url of AUTHORS) expect(counted.html + counted.text).not.toContain(url)
  })

  it('counts links in buttons, pictures, list items and table cells, too', async () => {
    const html = markdownToHtml(
      '::: button https://button.example/?a=1&b=2\ngo on\n:::\n\n' +
        '[![A cup](https://p.example/a.png)](https://picture.example/)\n\n' +
        '- <https://item.example/>\n\n| A |\n|---|\n| [x](https://cell.example/) |\n',
      'en',
    )
    const edition = await lessonWith({ html, practice: null }, counting)
    const names = ['button', 'picture', 'item', 'cell'].map((name) => `https://${name}.example/`)
    expect(countedLinksIn(edition.source().html)).toEqual([
      `${names[0]}?a=1&b=2`,
      ...names.slice(1),
    ])
    const plain = await composed(await lessonWith({ html, practice: null }))
    const direct = await composed(edition)
    expect(direct.html).toBe(plain.html)
    const countedUrls = [...urls, 'https://courses.example/to/3']
    const counted = await composed(edition, { countedUrls })
    for (const url of countedUrls) {
      expect(hrefs(counted.html)).toContain(url)
      expect(counted.text).toContain(url)
    }
    expect(counted.html + counted.text).not.toMatch(/href="https:..(button|picture|item|cell)/)
  })

  it('keeps the destinations in its stored edition, which yields the same mail again', async () => {
    const edition = await lessonWith({ html, practice }, counting)
    expect(countedLinksIn(edition.source().html)).toEqual(AUTHORS)
    expect(edition.countedLinks).toBe(3)
    const revived = editionOf(edition, edition.hash, edition.source())
    for (const countedUrls of [urls, undefined]) {
      const body = (of: typeof edition) =>
        Buffer.concat([...of.skeleton.fill(reader(countedUrls && { countedUrls }))]).toString()
      expect(body(revived)).toBe(body(edition))
    }
  })

  it('shows direct links when a mail is read on the web', async () => {
    const edition = await lessonWith({ html, practice }, counting)
    const page = readable(edition.source(), reader({ countedUrls: urls }), english)
    expect(JSON.stringify(page)).not.toContain('/to/')
    expect(JSON.stringify(page)).toContain('http://two.example/')
  })
})

it('a course that does not count has no counted links', async () => {
  const { source, countedLinks } = await lessonWith({ html, practice })
  expect(countedLinks).toBe(0)
  expect(source().html + source().text).not.toContain('counted')
})
