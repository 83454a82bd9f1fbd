/**
 * Typed text as it is printed in the language of its course, and what is left as it is typed.
 */
import { describe, expect, it } from 'vitest'
import { markdownToHtml, typographic } from '../../src/content/markdown.ts'
import {
  COURSE,
  faultsOf,
  lesson,
  load,
  page,
  settings,
  withLesson,
  withSettings,
} from './folder.ts'

it.each([
  ['en', '“a ‘b’ it’s”'],
  ['en-GB', '“a ‘b’ it’s”'],
  ['de', '„a ‚b‘ it’s“'],
  ['de-AT', '„a ‚b‘ it’s“'],
  ['de-CH', '«a ‹b› it’s»'],
  ['fr', '«\u202Fa “b” it’s\u202F»'],
  ['es', '«a “b” it’s»'],
  ['es-MX', '“a ‘b’ it’s”'],
  ['it', '«a “b” it’s»'],
  ['pl', '„a «b» it’s”'],
  ['sv', '”a ’b’ it’s”'],
  ['fi', '”a ’b’ it’s”'],
  ['da', '“a ‘b’ it’s”'],
  ['nl', '“a ‘b’ it’s”'],
  ['pt-BR', '“a ‘b’ it’s”'],
  ['pt-PT', '«a “b” it’s»'],
  ['ru', '«a „b“ it’s»'],
  ['ja', '「a 『b』 it’s」'],
  ['zh-TW', '「a 『b』 it’s」'],
  // Nothing is known of this one.
  ['tlh', `"a 'b' it's"`],
])('quotation marks are those of %s', (language, printed) => {
  expect(typographic(`"a 'b' it's"`, language)).toBe(printed)
  expect(markdownToHtml(`"a 'b' it's"`, language)).toBe(
    `<p>${printed.replaceAll('"', '&quot;')}</p>`,
  )
})

it('a whole course has the typography of its language', async () => {
  const keys = { subject: `'"Zwei"'`, carry: `'So "ja"'` }
  const theme = `\n  footer: 'Der "Fuß"'`
  const [series] = await load({
    ...COURSE,
    'c/course.yaml': settings({
      language: 'DE-at',
      title: `'Die "Reise"'`,
      description: `'Ein "Weg"'`,
      theme,
    }),
    'c/02-two.md': lesson(keys, 'Lies "das".\n\n## Die "Übung"\n\n1. "Tu" es.\n'),
    'c/welcome.md': page({ subject: `'"Hallo"'`, preheader: 'So' }, 'Ein "Gruß".'),
  })
  expect(series).toMatchObject({
    language: 'de-AT',
    title: 'Die „Reise“',
    description: '<p>Ein „Weg“</p>',
    theme: { footer: 'Der „Fuß“' },
    welcome: { subject: '„Hallo“', html: '<p>Ein „Gruß“.</p>' },
  })
  expect(series?.kind === 'course' && series.lessons[1]).toMatchObject({
    subject: '„Zwei“',
    carry: 'So „ja“',
    html: '<p>Lies „das“.</p>',
    practice: { title: 'Die „Übung“', html: expect.stringContaining('„Tu“ es.') },
  })
})

describe('what is left as it is typed', () => {
  it.each([
    '(c) (r) (TM) 3 +- 4 what???? so,, now!!!!',
    'https://a.example/b--c?d=e...f',
    'www.a.example/b--c, x--y@a.example and a--b.example',
    'notes--old.md ./a--b --flag .. ....',
    "o'neil--x@a.example https://a.example/it's",
  ])('%s', (text) => {
    expect(typographic(text, 'en')).toBe(text)
    expect(markdownToHtml(text, 'en')).toBe(`<p>${text}</p>`)
  })

  it('code, and the addresses of links', () => {
    expect(
      markdownToHtml('`a -- "b"...` <https://a.example/x--y> [a--b](https://a.example/c--d)', 'en'),
    ).toBe(
      '<p><code>a -- &quot;b&quot;...</code> <a href="https://a.example/x--y">https://a.example/x--y</a> <a href="https://a.example/c--d">a–b</a></p>',
    )
  })
})

it('dashes and ellipses are made from hyphens and dots', () => {
  expect(typographic('So -- or so, a--b, c---d, and "https://a.example": well...', 'en')).toBe(
    'So – or so, a–b, c—d, and “https://a.example”: well…',
  )
})

describe('a line is plain text', () => {
  it.each(['2*3*4', '_so_ and `so`', '[a](https://b.example)', 'a \\* b', '&amp; <b>', '# 1'])(
    '%s',
    async (text) => {
      const [series] = await load(
        withLesson({ subject: `'${text}'`, question: `'${text}'`, carry: `'${text}'` }),
      )
      expect(series?.kind === 'course' && series.lessons[1]).toMatchObject({
        subject: text,
        question: text,
        carry: text,
      })
    },
  )

  it.each(['1984', '2026-01-01', 'yes', 'true', 'null', '1e3', '0x10', '007', '12:30', '3.10'])(
    'as it is written: %s',
    async (text) => {
      const keys = { subject: text, question: text, carry: text, aliases: `[${text}]` }
      const [series] = await load({
        ...withLesson(keys),
        'c/course.yaml': settings({ title: text }),
      })
      expect(series?.title).toBe(text)
      expect(series?.kind === 'course' && series.lessons[1]).toMatchObject({
        subject: text,
        question: text,
        carry: text,
        id: text,
      })
    },
  )

  it.each([
    ['[a]', /subject: must be one line of text; put it in quotes/],
    ['*this*', /is not YAML: .* in quotes/],
    ['~', /subject: is missing/],
    ['"a\\0b"', /subject: contains invalid characters/],
    ['"\\ud83c"', /subject: contains invalid characters/],
  ])('and refused when it is not: %s', async (subject, told) => {
    expect(await faultsOf(withLesson({ subject }))).toEqual([expect.stringMatching(told)])
  })
})

it.each([
  'de-Deutschland',
  'de_DE',
  'german',
  'English',
  'x-klingon',
  'e',
  'de--AT',
  '"de-"',
  '12',
])('a language that no date can be written in is refused: %s', async (language) => {
  expect(await faultsOf(withSettings({ language }))).toEqual([
    expect.stringMatching(/^c\/course\.yaml:6 language: must be a language tag like en or pt-BR$/),
  ])
})
