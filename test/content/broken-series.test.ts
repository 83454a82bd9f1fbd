import { describe, expect, it } from 'vitest'
import {
  COURSE,
  faultsOf,
  letter,
  page,
  reportsEach,
  settings,
  without,
  withSettings,
} from './folder.ts'

describe('a series is refused for', () => {
  const yaml = 'c/course.yaml'
  const long = 'x'.repeat(201)
  const untitled = '[{ from: 1, to: 2, summary: s }]'
  /** The theme begins in line 7, its content in line 8. */
  const withTheme = (text: string) => withSettings({ theme: `\n  ${text}` })
  const dayless = '[{ title: t, to: 2, summary: s }]'

  reportsEach([
    ['no course at all', { 'README.md': 'x' }, '.:1', /create a folder with a course\.yaml/],
    [
      'a folder name',
      { 'My Course/course.yaml': settings() },
      'My Course:1',
      /use lowercase letters, digits/,
    ],
    ['no course.yaml', without(yaml), `${yaml}:1`, /is missing; it names the series/],
    [
      'a gap that is none',
      withSettings({ every: 'often' }),
      `${yaml}:7`,
      /every: must be a number of days or weeks, like 1 day, 3 days or 1 week/,
    ],
    ['a gap of years', withSettings({ every: '53 weeks' }), `${yaml}:7`, /keep it to 366 days/],
    [
      'another beginning',
      withSettings({ first: 'today' }),
      `${yaml}:7`,
      /first: must be at once or next morning/,
    ],
    [
      'another way to count links',
      withSettings({ clicks: 'all' }),
      `${yaml}:7`,
      /clicks: must be count; remove it to count nothing/,
    ],
    [
      'no kind',
      withSettings({ kind: null }),
      `${yaml}:1`,
      /kind: must be "course", "daily" or "letter"/,
    ],
    [
      'another kind',
      withSettings({ kind: 'book' }),
      `${yaml}:1`,
      /kind: must be "course", "daily" or "letter"/,
    ],
    [
      'what is not YAML',
      withSettings({ title: 'A: title' }),
      `${yaml}:2`,
      /is not YAML: .* in quotes/,
    ],
    [
      'a missing title',
      withSettings({ title: null }),
      `${yaml}:1`,
      /title: is missing; write one line/,
    ],
    [
      'an empty title',
      withSettings({ title: '" "' }),
      `${yaml}:2`,
      /title: is empty; write one line/,
    ],
    [
      'a long title',
      withSettings({ title: long }),
      `${yaml}:2`,
      /title: is too long; keep it to 100/,
    ],
    [
      'a long summary',
      withSettings({ summary: long }),
      `${yaml}:3`,
      /summary: is too long; keep it to 200/,
    ],
    [
      'no description',
      withSettings({ description: null }),
      `${yaml}:1`,
      /description: .* describe the series in Markdown/,
    ],
    [
      'an empty description',
      withSettings({ description: '""' }),
      `${yaml}:4`,
      /description: .* describe the series in Markdown/,
    ],
    [
      'an empty author',
      withSettings({ author: '""' }),
      `${yaml}:5`,
      /author: is empty; write one line/,
    ],
    [
      'a language that is none',
      withSettings({ language: 'E n' }),
      `${yaml}:6`,
      /a language tag like en or pt-BR/,
    ],
    [
      'an unknown key',
      withSettings({ colour: 'red' }),
      `${yaml}:7`,
      /colour: is not a known key; remove or/,
    ],
    [
      'a part without a title',
      withSettings({ parts: untitled }),
      `${yaml}:7`,
      /parts\.0\.title: .* one line/,
    ],
    [
      'a color that YAML takes for a comment',
      withTheme('light:\n    accent: #a3420e'),
      `${yaml}:9`,
      /in quotes/,
    ],
    [
      'a color by name',
      withTheme('dark: { text: red }'),
      `${yaml}:8`,
      /theme\.dark\.text: .* like "#a3420e"/,
    ],
    [
      'a color of three digits',
      withTheme('dark: { text: "#fff" }'),
      `${yaml}:8`,
      /six digits of 0 to 9 and a to f/,
    ],
    [
      'a color for nothing',
      withTheme('light: { tint: "#ffffff" }'),
      `${yaml}:8`,
      /tint: is not a known key/,
    ],
    ['a theme for nothing', withTheme('font: Comic Sans'), `${yaml}:8`, /font: is not a known key/],
    [
      'an empty theme',
      withSettings({ theme: '' }),
      `${yaml}:7`,
      /theme: is empty; use some of light, dark/,
    ],
    [
      'a theme in a word',
      withSettings({ theme: 'blue' }),
      `${yaml}:7`,
      /theme: must contain some of light, dark/,
    ],
    [
      'a logo by http',
      withTheme('logo: http://x.example/a.png\n  logoAlt: A'),
      `${yaml}:8`,
      /theme\.logo: .* https:\/\//,
    ],
    [
      'a logo without words',
      withTheme('logo: https://x.example/a.png'),
      `${yaml}:7`,
      /theme\.logoAlt: is missing/,
    ],
    [
      'a foot of two lines',
      withTheme('footer: "a\\nb"'),
      `${yaml}:8`,
      /theme\.footer: must be a single line/,
    ],
    [
      'a weekday that is none',
      withSettings({ weekdays: '[Monday, Someday]' }),
      `${yaml}:7`,
      /must be one of Monday,/,
    ],
    [
      'no weekday',
      withSettings({ weekdays: '[]' }),
      `${yaml}:7`,
      /weekdays: is empty; name at least one/,
    ],
    [
      'a number for weekdays',
      withSettings({ weekdays: '5' }),
      `${yaml}:7`,
      /a list of weekdays, like \[Monday/,
    ],
    [
      'a part without days',
      withSettings({ parts: dayless }),
      `${yaml}:7`,
      /parts\.0\.from: .* a day number/,
    ],
  ])

  it('a part that runs past the last day or backwards', async () => {
    const parts =
      '[{ title: A, from: 1, to: 3, summary: s }, { title: B, from: 2, to: 1, summary: s }]'
    expect(await faultsOf(withSettings({ parts }))).toEqual([
      expect.stringContaining('parts: "A" runs from 1 to 3 of 2 days'),
      expect.stringContaining('parts: "B" runs from 2 to 1 of 2 days'),
    ])
  })
})

describe('a letter is refused for', () => {
  const head = { subject: 'Hi', preheader: 'Hi' }
  const welcome = (text: string) => ({ ...COURSE, 'c/welcome.md': text })

  reportsEach([
    [
      'being absent at the start',
      without('c/welcome.md'),
      'c/welcome.md:1',
      /write subject and preheader/,
    ],
    [
      'being absent at the end',
      without('c/completion.md'),
      'c/completion.md:1',
      /write subject and preheader/,
    ],
    [
      'having no front matter',
      welcome('Hello'),
      'c/welcome.md:1',
      /put its keys between two lines of ---/,
    ],
    ['having no text', welcome(page(head, '\n')), 'c/welcome.md:5', /has no text/],
    [
      'having a lesson’s key',
      welcome(page({ ...head, minutes: '5' }, 'Hi')),
      'c/welcome.md:4',
      /minutes: is not/,
    ],
    [
      'being called otherwise',
      { ...COURSE, 'c/bye.md': letter },
      'c/bye.md:1',
      /name lessons like 07-a-title\.md/,
    ],
  ])
})

describe('the author is told', () => {
  it('the faults of lessons, along with those of course.yaml', async () => {
    expect(await faultsOf({ ...withSettings({ title: null }), 'c/01-one.md': 'x' })).toEqual([
      expect.stringMatching(/^c\/01-one\.md:1 /),
      expect.stringMatching(/^c\/course\.yaml:1 title: is missing/),
    ])
  })

  it('the line of a part outside the course', async () => {
    const parts = ['A, from: 1, to: 2', 'B, from: 2, to: 9'].map(
      (part) => `\n  - { title: ${part}, summary: s }`,
    )
    expect(await faultsOf(withSettings({ parts: parts.join('') }))).toEqual([
      expect.stringMatching(/^c\/course\.yaml:9 parts: "B"/),
    ])
  })

  it('in plain words that the language is missing', async () => {
    const [fault] = await faultsOf(withSettings({ language: null }))
    expect(fault).toMatch(/^c\/course\.yaml:1 language: /)
    expect(fault).not.toContain('Invalid input')
  })
})
