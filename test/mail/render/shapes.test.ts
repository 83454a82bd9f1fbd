/** Lessons of any shape: missing parts leave no gap, and present ones arrive intact. */
import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { markdownToHtml } from '../../../src/content/markdown.ts'
import type { Lesson } from '../../../src/domain/course.ts'
import { compile } from '../../../src/mail/render/compile.ts'
import { editionOf } from '../../../src/mail/render/edition-from-source.ts'
import { composed, course, lessonOf, letterhead, templates } from '../make.ts'

const bare: Lesson = { ...lessonOf(7), practice: null, question: '', carry: '' }
const editionWith = (keys: Partial<Lesson>, series = course) =>
  compile(
    { kind: 'lesson', series, lesson: { ...bare, ...keys }, companion: null },
    templates,
    letterhead,
  )
const mailWith = async (keys: Partial<Lesson>, series = course, reader = {}) => {
  const mail = await composed(await editionWith(keys, series), reader)
  const page = load(mail.html)
  return {
    ...mail,
    page,
    body: mail.text.split('\n-- \n')[0] ?? '',
    foot: mail.text.split('\n-- \n')[1] ?? '',
  }
}
const html = (markdown: string) => markdownToHtml(markdown, 'en')

describe('a lesson without practice, question and line to carry', () => {
  it('shows no labels or buttons for them', async () => {
    const { page, body, text } = await mailWith({ html: '<p>Only this.</p>' })
    expect(page('.label').length).toBe(1)
    expect(page('a[href*="/practice/"]').length).toBe(0)
    expect(body.replace(/\s+/g, ' ')).toMatch(/ Day 7 of 30 .* Dear Ada, Only this\. $/)
    expect(text).not.toMatch(/\n{3}|undefined/)
  })

  it.each([
    ['question', 'To write about'],
    ['carry', 'To carry through the day'],
  ] as const)('shows its %s if it has one', async (part, label) => {
    const { page, body } = await mailWith({ [part]: 'So it is' })
    expect(page('.label').last().text().trim()).toBe(label)
    // As a paragraph, since otherwise w3m and lynx would run it into what follows.
    expect(page('p:contains("So it is")').length).toBe(1)
    expect(body.trim().endsWith(`${label.toUpperCase()}\nSo it is`)).toBe(true)
  })
})

describe('practices within a text', () => {
  const two = html('::: practice 5 minutes First\nDo.\n:::\n\n::: practice\n## Second\n\nDo.\n:::')

  it('have their labels and titles, and a single button in the last one', async () => {
    const { page, body, foot } = await mailWith({ html: two })
    expect(
      page('h2')
        .map((_, one) => page(one).text())
        .toArray(),
    ).toEqual(['First', 'Second'])
    expect(page('a[href*="/practice/"]').text()).toBe('I did today’s practice')
    expect(body).toMatch(/TODAY’S PRACTICE · 5 MINUTES\nFirst\n[\s\S]*TODAY’S PRACTICE\nSecond\n/)
    expect(body).not.toContain('http')
    expect(foot.match(/I did today’s practice: http/g)?.length).toBe(1)
  })

  it('use the labels of their course', async () => {
    const labels = { practice: 'Übung', minutes: 'Min.', question: 'Frage', did: 'Fertig' }
    const series = { ...course, labels, language: 'de' }
    const { page, body, foot } = await mailWith({ html: two, question: 'Was?' }, series)
    expect(page('.label').text()).toMatch(/Übung · 5\u00A0Min\.[\s\S]*Übung[\s\S]*Frage/)
    expect(body).toMatch(/ÜBUNG · 5\u00A0MIN\.\nFirst[\s\S]*FRAGE\nWas\?/)
    expect(foot).toMatch(/^Fertig: http/m)
  })
})

describe('a greeting', () => {
  const own = '{{#if firstName}}Hello {{firstName}}!{{/if}}'
  const greetings = async (keys: Partial<Lesson>, greeting?: string) => {
    const series = greeting === undefined ? course : { ...course, greeting }
    const mails = await Promise.all(
      ['<b>Ada', ''].map((firstName) =>
        mailWith({ html: '<p>Text.</p>', ...keys }, series, { firstName }),
      ),
    )
    return mails.map(({ page, body }) => {
      const shown = page('.prose p')
        .map((_, one) => page(one).text())
        .toArray()
      expect(body).toContain(`${shown.join('\n\n')}\n`)
      return shown.slice(0, -1)
    })
  }

  it('is the default, none or a custom one, and the lesson’s overrides the course’s', async () => {
    expect(await greetings({})).toEqual([['Dear <b>Ada,'], []])
    expect(await greetings({}, 'none')).toEqual([[], []])
    expect(await greetings({}, own)).toEqual([['Hello <b>Ada!'], []])
    expect(await greetings({ greeting: 'Good morning.' }, own)).toEqual([
      ['Good morning.'],
      ['Good morning.'],
    ])
    expect(await greetings({ greeting: 'none' }, own)).toEqual([[], []])
  })
})

describe('an element that mail programs style on their own', () => {
  const styleIn = async (markdown: string, selector: string) => {
    const { page } = await mailWith({ html: html(markdown) })
    return page(`.prose ${selector}`).last()
  }

  it('is styled if it is a quotation: one line beside it, in the color of the text', async () => {
    for (const markdown of ['> Said.', '> Said.\n>\n> > Before.']) {
      const quotation = await styleIn(markdown, 'blockquote')
      expect(quotation.css(['color', 'background', 'border'])).toEqual({
        color: 'inherit',
        background: 'none',
        border: '0',
      })
      expect(quotation.css('border-left')).toContain('solid')
      expect(quotation.attr('type')).not.toMatch(/^(cite)?$/)
    }
  })

  it.each([
    ['`code`', 'code'],
    ['    code', 'pre'],
    ['    code', 'pre > code'],
  ])('is styled if it is %s: text color, and wrapped when too long', async (markdown, name) => {
    const style = (await styleIn(markdown, name)).css(['color', 'overflow-wrap', 'word-break'])
    expect(style).toEqual({
      color: 'inherit',
      'overflow-wrap': 'anywhere',
      'word-break': 'break-word',
    })
  })

  it('is styled if it is a footnote mark: raised only once', async () => {
    expect((await styleIn('A note^[Here.].', 'sup')).css('top')).toBe('0')
  })

  it('is styled if it is a picture: full width only if its size is known', async () => {
    const film = '::: video\n[![A film](https://x.example/a.png)](https://x.example/film)\n:::'
    const image = await styleIn(film, 'img')
    expect(image.css('width')).toBeUndefined()
    expect(image.css('max-width')).toBe('100%')
    const known = html(film).replace('<img ', '<img width="1200" height="675" ')
    const { page } = await mailWith({ html: known })
    expect(page('.prose img').css('width')).toBe('100%')
  })
})

describe('literal braces', () => {
  const markdown =
    '`{{ name }}` and `\\{{x}}` and \\{{ y }} and \\\\{{#if firstName}}({{firstName}}){{/if}}' +
    '\n\n    {{{{raw}}}}\n\n![An \\{{alt}}](https://x.example/a.png) `{`{{firstName}}'

  it.each(['Ada', ''])(
    'reach a reader named "%s" in both parts, also from a stored edition',
    async (firstName) => {
      const made = await editionWith({ html: html(markdown), subject: 'On \\{{ name }}' })
      const kept = editionOf(made, made.hash, JSON.parse(JSON.stringify(made.source())))
      for (const edition of [made, kept]) {
        const mail = await composed(edition, { firstName })
        const name = firstName && `(${firstName})`
        const line = `{{ name }} and \\{{x}} and {{ y }} and \\${name}`
        const page = load(mail.html)
        expect(page('.prose').text()).toContain(line)
        expect(page('pre').text()).toBe('{{{{raw}}}}\n')
        expect(page('.prose img').attr('alt')).toBe('An {{alt}}')
        expect(mail.subject).toBe('On {{ name }}')
        expect(mail.text).toContain(line)
        expect(mail.text).toContain('\n    {{{{raw}}}}\n')
        expect(mail.text).toContain(`[An {{alt}}] {${firstName}\n`)
      }
    },
  )
})
