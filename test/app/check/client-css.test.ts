import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { findingsOf } from '../../../src/domain/finding.ts'
import { render } from '../../../src/mail/check/rendering.ts'
import { MAIL_RULES } from '../../../src/mail/check/rules.ts'
import { course, lessonOf, templates } from '../../mail/make.ts'
import { placeOf } from './sound.ts'

const rendered = await render(
  {
    content: { kind: 'lesson', series: course, lesson: lessonOf(7), companion: null },
    file: 'c/07-x.md',
    line: 1,
  },
  templates,
)

describe('the style of a mail is found to contain', () => {
  it.each<[what: string, css: string, message: RegExp]>([
    [
      'text put anywhere',
      '.prose p { position: absolute; }',
      /^position: absolute .*; use table cells/,
    ],
    ['text that floats', '.prose p { float: left }', /^float: left .*; use columns/],
    ['a flexible box', '.card { display: flex; }', /^display: flex .*; use mj-column/],
    ['a grid', '.card { display: grid; }', /^display: grid .*; use mj-column/],
    ['a gap', '.card { gap: 4px; }', /^gap: 4px .*; use mj-column/],
    ['text pulled up', '.card { margin: 0 0 -4px; }', /^margin: 0 0 -4px .*; use less padding/],
    ['something that moves', '.card { transform: rotate(3deg); }', /^transform: .*; leave it out/],
    ['a sum', '.card { width: calc(100% - 4px); }', /^width: calc.*; write the value itself/],
    ['a variable', ':root { --ink: #000; }', /^--ink: #000 .*; write the value/],
    [
      'a picture with no color below',
      '.card { background: url(https://x.example/a.png); }',
      /set background-color too/,
    ],
    ['an import', '@import url(https://x.example/a.css);', /^@import .*; remove it/],
    ['a font', '@font-face { font-family: X; src: local(X) }', /^@font-face .*; remove it/],
    ['a selector for the new', '.card:has(p) { color: #000; }', /:has\(p\) .*; use a class/],
  ])('%s', (_, css, message) => {
    const html = rendered.sample.html.replace(':root {', `${css} :root {`)
    const found = findingsOf(MAIL_RULES, {
      ...rendered,
      page: load(html, { xml: { xmlMode: false } }),
    })
    expect(found.map(placeOf)).toEqual(['c/07-x.md:1:1 warning client-css'])
    expect(found[0]?.message).toMatch(message)
  })
})
