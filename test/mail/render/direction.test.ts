/** Mails in right-to-left languages: everything is mirrored. */
import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { markdownToHtml } from '../../../src/content/markdown.ts'
import type { Content } from '../../../src/mail/edition.ts'
import { CONSTRUCTS } from '../../support/constructs.ts'
import { CONTENTS, compiled, composed, course, daily, inspirationOf, lessonOf } from '../make.ts'

const html = markdownToHtml(CONSTRUCTS, 'en')
const inLanguage = (content: Content, language: string): Content =>
  ({ ...content, series: { ...content.series, language } }) as Content
const pageOf = async (content: Content) => load((await composed(await compiled(content))).html)
type Page = Awaited<ReturnType<typeof pageOf>>

/** The styles of everything but code, which always runs left to right. */
const stylesIn = ($: Page, within = 'body') =>
  $(`${within} [style]:not(pre, code)`)
    .toArray()
    .map((element) => $(element).attr('style') ?? '')
    .join('\n')

it.each(CONTENTS)('a $kind in Hebrew runs right to left', async (content) => {
  const $ = await pageOf(inLanguage(content, 'he'))
  expect([$('html').attr('lang'), $('html').attr('dir')]).toEqual(['he', 'rtl'])
  const companion = 'companion' in content && content.companion
  const styles = stylesIn($)
  expect(styles).toContain('direction:rtl')
  if (!companion) expect(styles).not.toContain('direction:ltr')
  // The end of a two-column line and an accompanying English daily are on the left.
  const left = [...styles.matchAll(/text-align: ?left/g)].length
  expect(left).toBe(content.kind === 'lesson' ? (companion ? 5 : 1) : 0)
})

it('an Arabic lesson has its lists, quotations and columns mirrored', async () => {
  const lesson = { ...lessonOf(7), html }
  const $ = await pageOf({
    kind: 'lesson',
    series: { ...course, language: 'ar' },
    lesson,
    companion: null,
  })
  const styles = stylesIn($, '.prose')
  expect(styles).toMatch(/padding-right:26px/)
  expect(styles).toMatch(/border-right:3px/)
  expect(styles).not.toMatch(/padding-left:26px|border-left:/)
  expect($('.label').first().attr('style')).toContain('padding-right:32px')
  expect($('.frame').first().attr('align')).toBe('left')
  expect($('.prose pre').attr('dir')).toBe('ltr')
  // Our own words are in English and keep their period at the end.
  expect($('.frame div').last().attr('dir')).toBe('auto')
})

describe('a lesson and an inspiration in two languages', () => {
  const mixed = (language: string, other: string) =>
    pageOf({
      kind: 'lesson',
      series: { ...course, language },
      lesson: lessonOf(7),
      companion: {
        series: { ...daily, language: other },
        inspiration: { ...inspirationOf(0), html },
      },
    })

  it('each have their own direction', async () => {
    const $ = await mixed('en', 'fa')
    expect($('html').attr('dir')).toBe('ltr')
    const box = $('.prose').last()
    expect(box.attr('align')).toBe('right')
    expect(box.find('div[lang]').first().attr()).toMatchObject({ lang: 'fa', dir: 'rtl' })
    expect(box.html()).toContain('border-right:3px')
    expect($('.prose').first().html()).not.toContain('right:26px')
  })
})

it('a mail in a left-to-right language has nothing mirrored', async () => {
  for (const language of ['en', 'he-Latn']) {
    const $ = await pageOf(
      inLanguage(
        { kind: 'welcome', series: course, letter: { ...course.welcome, html } },
        language,
      ),
    )
    expect($('html').attr('dir')).toBe('ltr')
    expect($.html()).not.toMatch(/rtl|padding-right:26px|border-right:3px|dir="auto"/)
  }
})
