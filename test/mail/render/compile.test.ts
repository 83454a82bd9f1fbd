import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import type { Locale } from '../../../src/locales/locale.ts'
import type { Content } from '../../../src/mail/edition.ts'
import { layoutOf, openEditions } from '../../../src/mail/render/compile.ts'
import {
  CONTENTS,
  composed,
  course,
  daily,
  lessonOf,
  lessonWith,
  letterhead,
  templates,
} from '../make.ts'

describe('a lesson', () => {
  it('contains all its parts, in HTML and in text', async () => {
    const { html, text } = await composed(await lessonWith())
    const { subject, question, carry, practice } = lessonOf(7)
    const seen = load(html)('body').text().replaceAll('\u00a0', ' ')
    for (const part of [
      course.title,
      'Day 7 of 30',
      subject,
      question,
      carry,
      practice?.title ?? '',
      'Dear Ada,',
    ]) {
      expect(seen).toContain(part)
      expect(text).toContain(part)
    }
  })

  it('has no greeting when the name is not known', async () => {
    const { html, text } = await composed(await lessonWith(), { firstName: '' })
    expect(load(html)('body').text()).not.toContain('Dear')
    expect(text).not.toContain('Dear')
    expect(text).not.toMatch(/\n{3}/)
  })

  it('declares its language', async () => {
    const { html } = await composed(await lessonWith({}, { ...course, language: 'pt-BR' }))
    expect(load(html)('html').attr('lang')).toBe('pt-BR')
  })

  it.each(['question', 'carry'] as const)('shows its %s as it was written', async (part) => {
    const { html, text } = await composed(await lessonWith({ [part]: 'A <b>word</b> & more' }))
    expect(load(html)('body').text()).toContain('A <b>word</b> & more')
    expect(text).toContain('A <b>word</b> & more')
  })

  it.each(['Bread & butter', 'Is 3 < 4?', 'It’s “fine”'])(
    'shows the subject %s as it was written',
    async (subject) => {
      const $ = load((await composed(await lessonWith({ subject }))).html)
      expect($('h1').text()).toBe(subject)
      expect($('title').text()).toBe(subject)
    },
  )

  it('has no markup in its subject', async () => {
    const subject = 'A <b>word</b><script>alert(1)</script>'
    const $ = load((await composed(await lessonWith({ subject }))).html)
    expect($('h1').find('b, script')).toHaveLength(0)
    expect($('h1').text()).toBe(subject)
  })
})

describe('an edition', () => {
  it('has the same hash as long as content and layout are the same', async () => {
    const [first, again] = await Promise.all([lessonWith(), lessonWith()])
    const others = await Promise.all([
      lessonWith({ subject: 'Otherwise' }),
      lessonWith({ carry: 'Otherwise.' }),
      lessonWith({ html: '<p>Otherwise.</p>' }),
      lessonWith({}, { ...course, title: 'Otherwise' }),
    ])
    expect(first.hash).toBe(again.hash)
    expect(new Set([first, ...others].map(({ hash }) => hash)).size).toBe(5)
  })

  it('has another hash when its text layout differs', async () => {
    const content = { kind: 'confirm' as const, series: course }
    const text = (name: string) => (data: object, locale: Locale) =>
      `${templates.text(name)(data, locale)}\nP.S.`
    const [first, other] = await Promise.all(
      [templates, { ...templates, text }].map((some) => openEditions(some, letterhead)(content)),
    )
    expect(other?.hash).not.toBe(first?.hash)
  })

  it('is refused when its layout is not valid MJML', async () => {
    const mjml = () => () => '<mjml><mj-body><mj-nonsense /></mj-body></mjml>'
    const editions = openEditions({ ...templates, mjml }, letterhead)
    await expect(editions({ kind: 'confirm', series: course })).rejects.toThrow(/mj-nonsense/)
  })

  it.each([
    '{{#if firstName}}',
    '{{firstName',
    'Hi {{}}',
    '{{#nobody}}x',
    '{{lastName}}',
    '{{> foot}}',
  ])('is refused when a slot in its text cannot be read: %s', async (slot) => {
    await expect(lessonWith({ html: `<p>${slot}</p>` })).rejects.toThrow()
  })

  it.each(['{{#if firstName}}', '{{firstName', '{{lastName}}'])(
    'is refused when a slot in its subject cannot be read: %s',
    async (slot) => {
      await expect(lessonWith({ subject: `Good morning, ${slot}` })).rejects.toThrow()
    },
  )
})

describe('the layout that goes through MJML', () => {
  const mjmlOf = (content: Content) => layoutOf(content, templates, letterhead).mjml
  const lessonOn = (day: number): Content => ({
    kind: 'lesson',
    series: course,
    lesson: lessonOf(day),
    companion: null,
  })

  it('is the same for all lessons but the last, which has no next one', () => {
    const layouts = [1, 2, 29, 30].map((day) => mjmlOf(lessonOn(day)))
    expect(new Set(layouts).size).toBe(2)
    expect(layouts.at(-1)).not.toBe(layouts[0])
  })

  it('is shared by all inspirations, and by courses with the same look and language', () => {
    const inspirations = daily.inspirations
      .slice(0, 3)
      .map((inspiration) => mjmlOf({ kind: 'inspiration', series: daily, inspiration }))
    expect(new Set(inspirations).size).toBe(1)
    const other = { ...course, title: 'Otherwise', slug: 'otherwise' }
    expect(mjmlOf({ kind: 'confirm', series: other })).toBe(
      mjmlOf({ kind: 'confirm', series: course }),
    )
  })

  it('is not confused by private-use characters in a text', async () => {
    const odd = 'a \u{F0000} b \u{F0003} c'
    const { html } = await composed(await lessonWith({ question: odd, html: `<p>${odd}</p>` }))
    expect(load(html)('body').text().split(odd)).toHaveLength(3)
  })
})

describe('editions', () => {
  const content = { kind: 'lesson' as const, series: course, lesson: lessonOf(7), companion: null }

  it('are compiled once for each text', async () => {
    const editions = openEditions(templates, letterhead)
    const [first, again] = await Promise.all([editions(content), editions({ ...content })])
    expect(again).toBe(first)
    expect(await editions({ ...content, lesson: lessonOf(8) })).not.toBe(first)
  })

  it('of one series are cached separately by kind', async () => {
    const editions = openEditions(templates, letterhead)
    const all = await Promise.all(CONTENTS.map(editions))
    expect(all.map(({ kind }) => kind)).toEqual(CONTENTS.map(({ kind }) => kind))
    expect(new Set(all.map(({ hash }) => hash)).size).toBe(CONTENTS.length)
  })

  it('are compiled again after a failure', async () => {
    const sources = ['<mjml><mj-body><mj-nonsense /></mj-body></mjml>']
    const mjml = (name: string) => (data: object, locale: Locale) =>
      sources.pop() ?? templates.mjml(name)(data, locale)
    const editions = openEditions({ ...templates, mjml }, letterhead)
    await expect(editions(content)).rejects.toThrow(/mj-nonsense/)
    expect((await editions(content)).kind).toBe('lesson')
  })
})
