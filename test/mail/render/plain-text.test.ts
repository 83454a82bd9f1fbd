import { describe, expect, it } from 'vitest'
import { markdownToHtml } from '../../../src/content/markdown.ts'
import { toText } from '../../../src/mail/render/plain-text.ts'
import { CODE, CONSTRUCTS, HEADINGS, TABLE } from '../../support/constructs.ts'
import { composed, lessonWith } from '../make.ts'

const text = (markdown: string) => toText(markdownToHtml(markdown, 'en'))

describe('in plain text', () => {
  it.each([
    ['words that are struck', 'So ~~not *this*~~ that.', 'So ~~not _this_~~ that.'],
    ['emphasis', '*a* and **b** and ***c***', '_a_ and *b* and _*c*_'],
    ['a picture', 'See ![a cup & more](https://x.example/a.png).', 'See [a cup & more].'],
    [
      'a picture that links',
      '[![A door](https://x.example/b.png)](https://x.example/b)',
      '[A door] [https://x.example/b]',
    ],
    ['a link', '[Go](https://x.example/?a=1&b=2)', 'Go [https://x.example/?a=1&b=2]'],
    ['a line that is broken', 'one  \ntwo\nthree', 'one\ntwo three'],
    ['numbers that begin later', '7. seven\n8. eight', ' 7. seven\n 8. eight'],
    ['lists in lists', '- a\n  - b\n    1. c', ' * a\n   * b\n     1. c'],
    ['quotations in quotations', '> a\n>\n> > b', '> a\n> \n> > b'],
    [
      'a heading with a name',
      '## Für {{firstName}}, Straße',
      'Für {{firstName}}, Straße\n------------',
    ],
    ['a rule', 'a\n\n***\n\nb', `a\n\n${'-'.repeat(40)}\n\nb`],
  ])('%s', (_, markdown, expected) => {
    expect(text(markdown)).toBe(expected)
  })

  it('code keeps its blank lines and indentation', () => {
    expect(text(`a\n\n\`\`\`\n${CODE}\n\`\`\`\n\nb`)).toBe(
      `a\n\n${CODE.replace(/^(?=.)/gm, '    ')}\n\nb`,
    )
    const inList = text(`- a\n\n  \`\`\`\n  x\n\n\n    y\n  \`\`\``)
    expect(inList).toBe(' * a\n\n       x\n\n\n         y')
    expect(text('> ```\n> x\n>\n>   y\n> ```')).toBe('>     x\n> \n>       y')
  })

  it('a table is laid out in columns', () => {
    const table = text('| Day | Minutes |\n|---|--:|\n| *Monday* | 5 |\n| 日曜日 | ~~12~~ |')
    expect(table).toBe('Day       Minutes\n--------  -------\n_Monday_        5\n日曜日     ~~12~~')
  })

  it('a table that is too wide becomes a list, sooner so inside a list', () => {
    expect(text(TABLE)).toMatch(
      /^Day: Monday\nWhat happens: _Look_ at x = 1\nMinutes: 5\n\nDay: Tuesday\n/,
    )
    const cells = (length: number) => `| a | b |\n|---|---|\n| ${'x'.repeat(length)} | y |`
    expect(text(cells(73))).toMatch(/^a {74}b\n-{73} {2}---\n/)
    expect(text(cells(74))).toMatch(/^a: x+\nb: y$/)
    expect(text(`- ${cells(70).replaceAll('\n', '\n  ')}`)).toMatch(/a: x+\n {3}b: y$/)
  })

  it('a table with a name in it becomes a list, since names can have any length', () => {
    expect(text('| a | b |\n|---|---|\n| {{firstName}} | y |')).toBe('a: {{firstName}}\nb: y')
  })

  it('no construct makes a rule longer than a line', () => {
    const tables = text(CONSTRUCTS)
      .split('\n')
      .filter((line) => /^-[- ]+$/.test(line))
    expect(tables.filter(({ length }) => length > 78)).toEqual([])
    expect(
      text(HEADINGS)
        .split('\n')
        .filter((line) => /^-+$/.test(line)),
    ).toHaveLength(5)
  })
})

it('a lesson’s code is in both parts of its mail as it was written', async () => {
  const { html, text: said } = await composed(
    await lessonWith({ html: markdownToHtml(`\`\`\`\n${CODE}\n\`\`\``, 'en') }),
  )
  expect(said).toContain(`\n\n${CODE.replace(/^(?=.)/gm, '    ')}\n\n`)
  expect(html.replaceAll('&quot;', '"').replaceAll('&gt;', '>')).toContain(`${CODE}\n</code></pre>`)
})
