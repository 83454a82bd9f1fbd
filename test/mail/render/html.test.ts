import { type CheerioAPI, load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import type { Content } from '../../../src/mail/edition.ts'
import { compile } from '../../../src/mail/render/compile.ts'
import {
  CONTENTS,
  composed,
  course,
  daily,
  inspirationOf,
  lessonOf,
  letterhead,
  reader,
  templates,
} from '../make.ts'

const LARGEST = 80_000

async function pageOf(content: Content) {
  const mail = await composed(await compile(content, templates, letterhead))
  return { ...mail, $: load(mail.html) }
}

const linksIn = ($: CheerioAPI) =>
  $('a')
    .toArray()
    .map((link) => [$(link).text().trim(), link.attribs.href])

/** What every page must fulfill (standards.md F7, F10, F12, F13). */
function expectGoodPage({ $, html, subject }: Awaited<ReturnType<typeof pageOf>>) {
  expect($('html').attr('lang')).toBe('en')
  expect($('title').text()).toBe(subject)
  expect($('h1').text()).not.toBe('')
  expect($('h1')).toHaveLength(1)
  expect($('meta[name="color-scheme"]').attr('content')).toBe('light dark')
  expect($('meta[name="supported-color-schemes"]').attr('content')).toBe('light dark')
  expect(html).toContain('prefers-color-scheme: dark')

  // Nothing is fetched, run or submitted.
  expect($('link, script, form, iframe, object, [src]')).toHaveLength(0)
  expect(html).not.toMatch(/@import|@font-face|url\(|data:|javascript:/)
  const elsewhere = linksIn($).filter(([, href]) => !href?.startsWith('https://courses.example/'))
  expect(elsewhere).toEqual([])

  expect(html).not.toContain('{{')
  expect(Buffer.byteLength(html)).toBeLessThan(LARGEST)
}

it.each(course.lessons)(
  'the lesson of day $day, $subject, meets the rules for every page',
  async (lesson) => {
    expectGoodPage(await pageOf({ kind: 'lesson', series: course, lesson, companion: null }))
  },
)

it.each(daily.inspirations.filter((_, index) => index % 30 === 0))(
  'the inspiration $title meets the rules for every page',
  async (inspiration) => {
    expectGoodPage(await pageOf({ kind: 'inspiration', series: daily, inspiration }))
  },
)

describe.each(CONTENTS)('a $kind', (content) => {
  it('meets the rules for every page', async () => {
    expectGoodPage(await pageOf(content))
  })

  it('uses tables for layout only', async () => {
    const { $ } = await pageOf(content)
    const others = $('table:not([role="presentation"])').toArray()
    expect(others.map((table) => $.html(table).slice(0, 120))).toEqual([])
    expect($('table').length).toBeGreaterThan(3)
  })

  it('has its headings in order', async () => {
    const { $ } = await pageOf(content)
    const levels = $('h1, h2, h3, h4')
      .toArray()
      .map(({ name }) => name)
    // In a lesson: its practice, question and line to carry; in a letter: each article.
    const boxes = { letter: 2, lesson: 3 }[content.kind as string] ?? 0
    const beside = 'companion' in content && content.companion ? 1 : 0
    expect(levels).toEqual(['h1', ...Array(boxes + beside).fill('h2')])
  })

  it('begins with its hidden preheader', async () => {
    const first = (await pageOf(content)).$('[role="article"]').children().first()
    expect(first.attr('style')).toContain('display:none')
    // White on white or one-pixel text is how filters recognize what spammers hide.
    expect(first.attr('style')).not.toMatch(/#ffffff|font-size:\s*[01](px)?\b|opacity/)
    expect(first.text().trim()).toMatch(/^\S.{20,}/)
  })

  it('names its sender and postal address, and has exactly the links it needs', async () => {
    const { $ } = await pageOf(content)
    expect($('body').text()).toContain('Dawnpost · 1 Test Lane, Testville')
    const { confirmUrl, addressUrl, preferencesUrl, ...urls } = reader()
    const box: [string, string][] =
      'companion' in content && content.companion
        ? [['Unsubscribe from The Daily Inspiration only', urls.besideUnsubscribeUrl]]
        : []
    const web: [string, string] = ['Read on the web', urls.lessonUrl]
    const pause: [string, string] = ['Pause', urls.pauseUrl]
    const own: Readonly<Record<string, [string, string][]>> = {
      lesson: [
        ['I did today’s practice', urls.practiceUrl],
        ...box,
        web,
        ['Send me the next one now', urls.nowUrl] as [string, string],
        pause,
      ],
      inspiration: [web, pause],
      letter: [
        ['One umbrella', 'https://courses.example/articles/article-1'],
        ['Two cups', 'https://courses.example/articles/article-2'],
        web,
        pause,
      ],
      completion: [
        ['See what’s next', urls.completionUrl],
        ['Read all the lessons again', urls.daysUrl],
      ],
    }
    const course: [string, string][] = [
      ...(own[content.kind] ?? []),
      ['Change your preferences', preferencesUrl],
      ['Unsubscribe', urls.unsubscribeUrl],
    ]
    // A transactional mail has one link; a new address gets no link to what is not yet its own.
    const transactional: Readonly<Record<string, [string, string][]>> = {
      confirm: [['Confirm my address', confirmUrl]],
      change: [['Confirm new address', addressUrl]],
      changed: [['This wasn’t me', urls.undoUrl]],
      link: [['Open my preferences', preferencesUrl]],
      export: [['View my data', urls.dataUrl]],
      erase: [['Delete my data', urls.eraseUrl]],
      'sign-in': [['Sign in', urls.signInUrl]],
    }
    expect(linksIn($)).toEqual(transactional[content.kind] ?? course)
  })
})

describe('the last lesson', () => {
  it('does not offer a next one', async () => {
    const { html, text } = await pageOf({
      kind: 'lesson',
      series: course,
      lesson: lessonOf(30),
      companion: null,
    })
    expect(html + text).not.toContain('Send me the next one now')
    expect(text).toContain('Pause: ')
  })
})

describe('the progress line of a course', () => {
  it.each([
    [1, '3%', 1],
    [15, '50%', 1],
    [30, '100%', 0],
  ])('on day %i is at %s', async (day, done, rest) => {
    const { $ } = await pageOf({
      kind: 'lesson',
      series: course,
      lesson: lessonOf(day),
      companion: null,
    })
    expect($('body').text()).toContain(`Day\u00a0${day}\u00a0of\u00a030`)
    expect($('td.done').attr('width')).toBe(done)
    expect($('td.rest')).toHaveLength(rest)
  })
})

it('the preheader of an inspiration is its beginning', async () => {
  const { $ } = await pageOf({ kind: 'inspiration', series: daily, inspiration: inspirationOf(0) })
  const [begins = ''] = $('[role="article"]').children().first().text().trim().split('…')
  expect(begins.length).toBeGreaterThan(60)
  expect(begins.length).toBeLessThanOrEqual(110)
  expect($('.prose').text().replace(/\s+/g, ' ')).toContain(begins)
})
