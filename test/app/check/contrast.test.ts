import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { contrast, readColor } from '../../../src/domain/color.ts'
import { faintTexts } from '../../../src/mail/check/contrast.ts'
import { readDeclarations, readSheet, specificity } from '../../../src/mail/check/css.ts'

const faint = (body: string, css = '') => [
  ...faintTexts(
    load(`<html><head><style>${css}</style></head><body>${body}</body></html>`, {
      xml: { xmlMode: false },
    }),
  ),
]
const modes = (body: string, css = '') =>
  faint(body, css).map(({ mode, color, ground }) => `${mode} ${color} ${ground}`)

const DARK =
  '@media (prefers-color-scheme: dark) { body { background: #111 !important; color: #eee !important } '
const LIGHT = 'body { background: #fff; color: #222 }'

describe('contrast', () => {
  it.each([
    ['#000', '#fff', 21],
    ['#767676', 'white', 4.54],
    ['#777777', 'white', 4.47],
    ['rgb(0 0 238)', 'white', 9.4],
  ])('of %s on %s is %d', (one, other, ratio) => {
    const [ink, ground] = [readColor(one), readColor(other)]
    expect(ink && ground && contrast(ink, ground)).toBeCloseTo(ratio, 1)
  })
})

describe('the color of a text follows the cascade:', () => {
  const dark = `${LIGHT} ${DARK} }`
  it.each<[what: string, body: string, css: string, found: string[]]>([
    ['dark on light and light on dark', '<p>So</p>', dark, []],
    [
      'a color inherited',
      '<div style="color:#999"><p>So</p></div>',
      LIGHT,
      ['light #999999 #ffffff', 'dark #999999 #ffffff'],
    ],
    [
      'an inline style over a rule',
      '<p style="color:#222">So</p>',
      `${LIGHT} p { color: #999 }`,
      [],
    ],
    [
      'an important rule over an inline style',
      '<p style="color:#222">So</p>',
      `${dark} p { color: #ccc !important }`,
      ['light #cccccc #ffffff'],
    ],
    [
      'the closer selector',
      '<p class="a">So</p>',
      `${LIGHT} .a { color: #222 } p { color: #ccc }`,
      [],
    ],
    [
      'the later of two equal selectors',
      '<p>So</p>',
      `${LIGHT} p { color: #ccc } p { color: #222 }`,
      [],
    ],
    ['dark rules in the dark only', '<p style="color:#222">So</p>', dark, ['dark #222222 #111111']],
    [
      'a ground from bgcolor',
      '<table><tr><td bgcolor="#333333">So</td></tr></table>',
      LIGHT,
      ['light #222222 #333333', 'dark #222222 #333333'],
    ],
    [
      'a color that lets the ground through',
      '<p style="color:rgba(0,0,0,.3)">So</p>',
      LIGHT,
      ['light #b3b3b3 #ffffff', 'dark #b3b3b3 #ffffff'],
    ],
    ['a link without a color, as programs show it', '<a href="https://x.example">So</a>', dark, []],
    ['nothing of what is hidden', '<div style="display:none;color:#fff">So</div>', LIGHT, []],
    ['nothing of what has no letters', '<p style="color:#fff">&nbsp;·</p>', LIGHT, []],
    [
      'nothing of text on a picture',
      '<div style="background:#fff url(a.png);color:#fff">So</div>',
      LIGHT,
      [],
    ],
    [
      'nothing of rules for narrow screens',
      '<p>So</p>',
      `${LIGHT} @media (max-width: 480px) { p { color: #eee } }`,
      [],
    ],
  ])('%s', (_, body, css, found) => {
    expect(modes(body, css)).toEqual(found)
  })

  it('and is reported with the class around the text', () => {
    expect(
      faint('<div class="foot"><p style="color:#999"><a>So</a></p></div>', LIGHT)[0]?.where,
    ).toBe('<a> in .foot')
  })
})

describe('a style sheet', () => {
  it('is read with its media queries, at-rules and important declarations', () => {
    const { rules, at } = readSheet(
      '/* {x} */ @import url(a.css); p, a { color: red !important; background: url(data:a;b) } @media print { b { top: 0 } }',
    )
    expect(at).toEqual(['@import url(a.css)', '@media print'])
    expect(rules.map(({ media, selector }) => [media, selector])).toEqual([
      ['', 'p, a'],
      ['print', 'b'],
    ])
    expect(rules[0]?.declarations).toEqual([
      { property: 'color', value: 'red', important: true },
      { property: 'background', value: 'url(data:a;b)', important: false },
    ])
  })

  it('has selectors of different specificity', () => {
    expect(['p', 'div p', '.a', '[role="article"]', '#x', '.a > p'].map(specificity)).toEqual([
      1, 2, 10, 10, 100, 11,
    ])
  })

  it('may be empty', () => {
    expect(readDeclarations(' ; ')).toEqual([])
    expect(readSheet('')).toEqual({ rules: [], at: [] })
  })
})
