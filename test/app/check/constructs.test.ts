/**
 * Everything Markdown can express, as the check sees it: it has no findings, and the loss of any
 * part of it is found.
 */
import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { markdownToHtml } from '../../../src/content/markdown.ts'
import { findingsOf } from '../../../src/domain/finding.ts'
import { type Rendering, render } from '../../../src/mail/check/rendering.ts'
import { MAIL_RULES } from '../../../src/mail/check/rules.ts'
import { course, lessonOf, templates } from '../../mail/make.ts'
import { CODE, CONSTRUCTS, HEADINGS, PRACTICES } from '../../support/constructs.ts'

const content = (html: string, kind: 'lesson' | 'welcome' = 'lesson') =>
  kind === 'lesson'
    ? { kind, series: course, lesson: { ...lessonOf(7), html }, companion: null }
    : { kind, series: course, letter: { ...course.welcome, html } }
const rendering = (markdown: string, kind?: 'welcome') =>
  render(
    { content: content(markdownToHtml(markdown, 'en'), kind), file: 'c/07-x.md', line: 1 },
    templates,
  )
const rulesOf = (mail: Rendering) =>
  [...new Set(findingsOf(MAIL_RULES, mail).map(({ rule }) => rule))].sort()

const full = await rendering(CONSTRUCTS)
const withText = (change: (text: string) => string): Rendering => {
  const text = change(full.sample.text)
  if (text === full.sample.text) throw new Error('nothing was changed')
  return { ...full, sample: { ...full.sample, text } }
}

describe('everything Markdown can express', () => {
  it('is sound, except for a table that is too wide for a phone', async () => {
    expect(rulesOf(full)).toEqual(['wide-table'])
    expect(rulesOf(await rendering(PRACTICES))).toEqual([])
    expect(
      rulesOf(await rendering(`${HEADINGS}\n\n${PRACTICES}\n\n${CONSTRUCTS}`, 'welcome')),
    ).toEqual(['wide-table'])
  })

  it('is sound with a reader’s name in it', async () => {
    const name = '{{#if firstName}}{{firstName}}, {{/if}}so'
    const mail = await rendering(
      `## For ${name}\n\n| a | b |\n|---|---|\n| ${name} | ~~${name}~~ |\n\n    ${name}\n`,
      'welcome',
    )
    expect(rulesOf(mail)).toEqual([])
  })

  it.each<[what: string, change: (text: string) => string, rule: string]>([
    ['a heading of a table', (text) => text.replaceAll('What happens: ', ''), 'lost-text'],
    ['a row of a table', (text) => text.replace('Day: Monday', ''), 'lost-text'],
    ['a cell of a table', (text) => text.replace('Day: Tuesday', 'Day:'), 'lost-text'],
    ['the words of a picture', (text) => text.replace('[A wide picture]', ''), 'lost-text'],
    ['the words of a picture in a table', (text) => text.replace('[A chair]', ''), 'lost-text'],
    ['what a term means', (text) => text.replace('What else it means.', ''), 'lost-text'],
    ['the label of a block', (text) => text.replace('WORDS OF ITS OWN', ''), 'lost-text'],
    ['the words of a film', (text) => text.replace('▶ A film of a spoon', ''), 'lost-text'],
    ['where a button leads', (text) => text.replace('https://x.example/sheet', ''), 'lost-link'],
    ['words that are struck', (text) => text.replace('~~struck out~~', ''), 'lost-text'],
    ['that words are struck', (text) => text.replace('~~struck out~~', 'struck out'), 'lost-text'],
    ['an item of an inner list', (text) => text.replaceAll('deeper', ''), 'lost-text'],
    [
      'a quotation in a quotation',
      (text) => text.replace('And by somebody before.', ''),
      'lost-text',
    ],
    ['code within a line', (text) => text.replace('code of one line', ''), 'lost-text'],
    ['a link', (text) => text.replace('https://x.example/a?b=1&c=2', ''), 'lost-link'],
    [
      'where a line of code begins',
      (text) => text.replaceAll('        return None', '    return None'),
      'changed-code',
    ],
    [
      'a blank line of code',
      (text) => text.replaceAll(/None\n.*\n.*\n/g, 'None\n\n'),
      'changed-code',
    ],
  ])('is reported if the text part loses %s', (_, change, rule) => {
    expect(rulesOf(withText(change))).toContain(rule)
  })

  it('is reported if the page changes the indentation of code', () => {
    const html = full.sample.html.replaceAll('        return None', '            return None')
    expect(html).not.toBe(full.sample.html)
    const page = load(html, { xml: { xmlMode: false } })
    expect(rulesOf({ ...full, page, sample: { ...full.sample, html } })).toContain('changed-code')
  })

  it('is sound if it is a block of code and nothing else', async () => {
    const once = await rendering(`    ${CODE.replaceAll('\n', '\n    ')}`)
    expect(rulesOf(once)).toEqual([])
  })
})
