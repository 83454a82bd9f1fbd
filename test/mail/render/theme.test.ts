import { readFile } from 'node:fs/promises'
import { load } from 'cheerio'
import { imageSize } from 'image-size'
import { describe, expect, it } from 'vitest'
import type { Course } from '../../../src/domain/course.ts'
import { paletteIn, type Theme } from '../../../src/domain/theme.ts'
import { faintTexts } from '../../../src/mail/check/contrast.ts'
import { compile } from '../../../src/mail/render/compile.ts'
import { readLogoHeights } from '../../../src/mail/render/logo-heights.ts'
import { ASSETS } from '../../../src/platform/paths.ts'
import {
  compiled,
  composed,
  course,
  daily,
  inspirationOf,
  lessonWith,
  letterhead,
  shipped,
  templates,
} from '../make.ts'

const THEME: Theme = {
  light: { page: '#e8edf0', card: '#fbfdfe', text: '#1d272c', accent: '#17607a' },
  dark: { page: '#0f1518', card: '#182024', text: '#dde6ea', accent: '#84c8dd' },
  logo: 'https://x.example/logo.png?size=2&of=it',
  logoAlt: 'Tom & Ann',
  footer: 'Sent with care & tea.',
}
const themed: Course = { ...course, theme: THEME }
/** All the colors in a page except black, which MJML sets on tables without text. */
const colorsOf = (html: string) => new Set(html.match(/#(?!000000)[0-9a-f]{6}\b/g))
/** Without the print styles, which are black and white. */
const screenOf = (html: string) => html.replace(/@media print \{[\s\S]*?<\/style>/, '</style>')
const partsOf = (html: string) =>
  screenOf(html).split('@media screen and (prefers-color-scheme: dark)')

/** A lesson with a companion inspiration uses every color there is. */
const lesson = (series: Course) =>
  compiled({
    kind: 'lesson',
    series,
    lesson: course.lessons[6] ?? never(),
    companion: { series: daily, inspiration: inspirationOf(0) },
  })
const never = (): never => {
  throw new Error('there is no day 7')
}

describe('a mail of a course with a theme', () => {
  it('has the theme’s colors, light and dark, and no others', async () => {
    const { html } = await composed(await lesson(themed))
    const own = [paletteIn('light', THEME), paletteIn('dark', THEME)].flatMap((look) =>
      Object.values(look),
    )
    expect([...colorsOf(screenOf(html))].filter((color) => !own.includes(color))).toEqual([])
    const dark = partsOf(html)[1]?.split('</style>')[0] ?? ''
    for (const color of Object.values(THEME.dark ?? {})) expect(dark).toContain(color)
    const light = html.replace(dark, '')
    for (const color of Object.values(THEME.light ?? {})) expect(light).toContain(color)
  })

  it('marks the language of its footer line when it differs', async () => {
    const spanOf = async (footerLanguage: string) => {
      const theme = { ...THEME, footerLanguage }
      return load((await composed(await lesson({ ...themed, theme }))).html)('span[lang]')
    }
    expect((await spanOf('en')).length).toBe(0)
    const span = await spanOf('ar')
    expect([span.attr('lang'), span.attr('dir'), span.text()]).toEqual(['ar', 'rtl', THEME.footer])
  })

  it('has enough contrast in light and dark mode', async () => {
    for (const series of shipped.filter((one) => one.kind === 'course')) {
      const { html } = await composed(await lesson(series))
      expect([...faintTexts(load(html, { xml: { xmlMode: false } }))]).toEqual([])
    }
  })

  it('begins with its logo, 160 pixels wide and with an alternative text', async () => {
    const $ = load((await composed(await lesson(themed))).html)
    const logo = $('img').first()
    expect([logo.attr('src'), logo.attr('alt')]).toEqual([THEME.logo, THEME.logoAlt])
    expect(logo.attr('width')).toBe('160')
    expect($('body').html()?.indexOf('<img')).toBeLessThan(
      $('body').html()?.indexOf(course.title) ?? 0,
    )
  })

  it('shows a logo of this site from its own address', async () => {
    const own: Course = { ...course, theme: { ...THEME, logo: '/assets/looking-closely.png' } }
    const $ = load((await composed(await lesson(own))).html)
    expect($('img').first().attr('src')).toBe('https://courses.example/assets/looking-closely.png')
    expect($('img').first().attr('height')).toBe('auto')
  })

  it('reserves the height of a logo of this site', async () => {
    const logo = '/assets/looking-closely.png'
    const logoHeights = await readLogoHeights([ASSETS])
    const edition = await compile(
      { kind: 'welcome', series: { ...course, theme: { ...THEME, logo } }, letter: course.welcome },
      templates,
      { ...letterhead, logoHeights },
    )
    const { width, height } = imageSize(await readFile(`${ASSETS}/looking-closely.png`))
    const shown = load((await composed(edition)).html)('img').first()
    expect(shown.attr('height')).toBe(String(Math.round((160 * height) / width)))
  })

  it('shows its footer line above the postal address, in both parts', async () => {
    const { html, text } = await composed(await lesson(themed))
    const seen = load(html.replaceAll('<br>', '\n'))('body').text()
    for (const part of [seen, text])
      expect(part).toMatch(/^.*Sent with care & tea\.\nDawnpost · 1 Test Lane/m)
  })

  it('is themed even when it is a transactional mail', async () => {
    const { html, text } = await composed(await compiled({ kind: 'confirm', series: themed }))
    expect(html).toContain('#17607a')
    expect(text).toContain('Sent with care & tea.')
  })

  it('has the site’s look and name instead when it is not about a course', async () => {
    const theme: Theme = { light: { accent: '#224466' }, footer: 'The site itself.' }
    for (const kind of ['link', 'erase', 'export', 'change', 'changed', 'sign-in'] as const) {
      const edition = await compile({ kind, series: themed }, templates, { ...letterhead, theme })
      const { html, text } = await composed(edition)
      expect(html, kind).not.toContain('#17607a')
      expect(html, kind).toContain('#224466')
      expect(text, kind).not.toContain('Sent with care')
      expect(text, kind).toContain('The site itself.')
      expect(text, kind).toMatch(/^Dawnpost\n/)
    }
  })
})

describe('a mail of a course without a theme', () => {
  it('is the same as with an empty theme', async () => {
    const [plain, empty] = await Promise.all([
      lessonWith(),
      lessonWith({}, { ...course, theme: {} }),
    ])
    expect(empty.hash).toBe(plain.hash)
  })

  it('has the default colors, no image, and nothing between the links and the address', async () => {
    const { html, text } = await composed(await lesson(course))
    const own = [paletteIn('light', undefined), paletteIn('dark', undefined)].flatMap((look) =>
      Object.values(look),
    )
    expect([...colorsOf(screenOf(html))].filter((color) => !own.includes(color))).toEqual([])
    expect(load(html)('img')).toHaveLength(0)
    expect(html).toMatch(/Unsubscribe<\/a><\/span>\s*(<br ?\/?>){2}Dawnpost · 1 Test Lane/)
    expect(text).toMatch(/Unsubscribe: \S+\nDawnpost · 1 Test Lane/)
  })
})
