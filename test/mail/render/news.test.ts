/** A letter of new articles, on its own and as companion of a lesson. */
import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import type { Companion } from '../../../src/mail/edition.ts'
import { openEditions } from '../../../src/mail/render/compile.ts'
import {
  compiled,
  composed,
  course,
  lessonOf,
  letterhead,
  newsletter,
  newsOf,
  templates,
} from '../make.ts'

const letterOf = async (...titles: string[]) =>
  composed(await compiled({ kind: 'letter', series: newsletter, articles: newsOf(...titles) }))
const linksIn = (html: string) =>
  load(html)('.prose a')
    .toArray()
    .map(({ attribs }) => attribs.href)

describe('a letter', () => {
  it('about one article has its summary and a link to it, in both parts', async () => {
    const { subject, html, text } = await letterOf('One umbrella')
    const $ = load(html)
    expect(subject).toBe('One umbrella')
    expect($('h1').text()).toBe('One umbrella')
    for (const part of ['What One umbrella is about.', 'March 19, 2027 · 4 minutes']) {
      expect($('.prose').text()).toContain(part)
      expect(text).toContain(part)
    }
    expect(linksIn(html)).toEqual(['https://courses.example/articles/article-1'])
    expect(text).toContain('https://courses.example/articles/article-1')
  })

  it('about many articles lists ten of them and says how many more there are', async () => {
    const titles = Array.from({ length: 12 }, (_, index) => `Title ${index + 1}.`)
    const { subject, html, text } = await letterOf(...titles)
    expect(subject).toBe('Title 1., and 11 more')
    expect(linksIn(html)).toHaveLength(11)
    expect(linksIn(html).at(-1)).toBe('https://courses.example/articles')
    expect(load(html)('.prose').text()).toContain('And 2 more in the reading room')
    for (const title of titles) expect(text.includes(title)).toBe(!/1[12]\./.test(title))
  })

  it.each([
    'A <b>word</b> & more',
    'How {{firstName}} reads',
    'How \\{{firstName}} reads',
    'Three {{{braces}}} and {{{{four}}}}',
    'An "end" of an attribute',
  ])('shows the title %s as it was written', async (title) => {
    const shown = title.replace('\\{{', '{{')
    for (const titles of [[title], [title, 'Another']]) {
      const { subject, html, text } = await letterOf(...titles)
      expect(subject).toContain(shown)
      expect(load(html)('h1').text()).toContain(shown)
      expect(load(html)('.prose').text()).toContain(`What ${shown} is about.`)
      expect(text).toContain(`What ${shown} is about.`)
    }
  })

  it('is included in a lesson that it accompanies', async () => {
    const companion: Companion = { series: newsletter, articles: newsOf('One', 'Two {{x}}') }
    const edition = await compiled({
      kind: 'lesson',
      series: course,
      lesson: lessonOf(7),
      companion,
    })
    const { subject, html, text } = await composed(edition)
    expect(subject).toBe(lessonOf(7).subject)
    for (const part of ['New in the Reading Room', 'One, and one more', 'Two {{x}}'])
      for (const whole of [load(html)('body').text(), text]) expect(whole).toContain(part)
  })

  it('is compiled once for the same articles and again for others', async () => {
    const editions = openEditions(templates, letterhead)
    const of = (...titles: string[]) =>
      editions({ kind: 'letter', series: newsletter, articles: newsOf(...titles) })
    expect(await of('One', 'Two')).toBe(await of('One', 'Two'))
    expect((await of('One', 'Two')).hash).not.toBe((await of('One')).hash)
    expect((await of('Two', 'One')).hash).not.toBe((await of('One', 'Two')).hash)
  })
})
