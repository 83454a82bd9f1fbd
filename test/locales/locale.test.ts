import Handlebars from 'handlebars'
import { describe, expect, it } from 'vitest'
import en from '../../locales/en.json' with { type: 'json' }
import { messageHtml, registerSentences } from '../../src/locales/html.ts'
import { english, type Key, openLocales } from '../../src/locales/locale.ts'

/** Sentences of a test, in addition to the English ones. */
const locales = (sentences: Readonly<Record<string, string>>) =>
  openLocales({ en, de: { ...en, ...sentences } })
const german = (sentence: string) => locales({ 'date.time': sentence }).of('de')

describe('a sentence', () => {
  it('is filled in with the plural that its number needs', () => {
    expect(english.t('course.did', { lessons: 30, practices: 17 })).toBe(
      'You received 30 lessons and did 17 practices.',
    )
    expect(english.t('course.did', { lessons: 1, practices: 1 })).toBe(
      'You received 1 lesson and did 1 practice.',
    )
    expect(english.t('course.did', { lessons: 2, practices: 0 })).toBe('You received 2 lessons.')
  })

  it('formats a date as its language does', () => {
    const day = { date: '2026-11-24' }
    expect(german('am {day}').t('date.time', { day })).toBe('am 24. November 2026')
    expect(openLocales().of('en-GB').t('data.wait', { day })).toContain('24 November 2026')
  })

  it('is an error when a value is missing', () => {
    expect(() => english.t('date.time', { day: 'Monday' })).toThrow(/time/)
  })

  it.each(Object.keys(en) as Key[])('%s can be read as ICU MessageFormat', (key) => {
    expect(() => english.parts(key, {})).not.toThrow(SyntaxError)
  })
})

describe('a language', () => {
  const { of } = locales({ 'date.today': 'heute' })
  it.each([
    ['de', 'heute', 'de'],
    ['de-AT', 'heute', 'de-AT'],
    ['fr', 'today', 'en'],
    ['en-GB', 'today', 'en-GB'],
    [undefined, 'today', 'en'],
  ])('%s is used as far as its sentences are known', (language, today, dates) => {
    expect(of(language).t('date.today')).toBe(today)
    expect(of(language).language).toBe(dates)
  })
})

describe('a sentence missing from a language', () => {
  const { of } = openLocales({
    en,
    de: { 'date.today': 'heute', 'date.tomorrow': 'morgen' },
    'de-x-formal': { 'date.today': 'am heutigen Tage' },
    'pt-BR': { 'date.today': 'hoje' },
    'zh-Hant': { 'date.today': '今天' },
  })
  it.each([
    ['de-x-formal', 'am heutigen Tage', 'morgen'],
    ['de-AT-x-formal', 'am heutigen Tage', 'morgen'],
    ['de-AT', 'heute', 'morgen'],
    ['de-x-other', 'heute', 'morgen'],
    ['pt', 'hoje', 'tomorrow'],
    ['pt-PT', 'hoje', 'tomorrow'],
    ['zh-TW', '今天', 'tomorrow'],
    // Another script counts as another language.
    ['zh-CN', 'today', 'tomorrow'],
    ['no tag!', 'today', 'tomorrow'],
  ])('in %s is taken from the next language that has it', (language, today, tomorrow) => {
    const { t } = of(language)
    expect([t('date.today'), t('date.tomorrow')]).toEqual([today, tomorrow])
  })

  it('keeps the plurals of the language it is taken from', () => {
    const { t } = openLocales({ en, pl: {} }).of('pl')
    expect(t('course.did', { lessons: 22, practices: 1 })).toContain('22 lessons')
  })

  it('comes from a catalog that is read only when its language is used', () => {
    const unread = () => {
      throw new Error('read')
    }
    const { of } = openLocales({ en, de: unread })
    expect(of('en-GB').t('date.today')).toBe('today')
    expect(() => of('de').t('date.today')).toThrow('read')
  })
})

describe('a time of day', () => {
  const evening = Temporal.PlainTime.from('19:05')
  it.each([
    // Without a country: as in places where English is a second language.
    ['en', '19:05', 1],
    ['en-GB', '19:05', 1],
    ['en-US', '7:05 PM', 7],
    ['de', '19:05', 1],
    ['pt-BR', '19:05', 7],
    ['ja', '19:05', 7],
    ['ar', '7:05 م', 6],
    ['ar-EG', '٧:٠٥ م', 6],
  ])('and the first weekday in %s follow its language tag', (language, words, first) => {
    const { time, firstWeekday } = openLocales({ en, [language]: en }).of(language)
    expect([time(evening).replace(/\s/g, ' '), firstWeekday]).toEqual([words, first])
  })

  it('and the numbers around it share the same digits', () => {
    const sentence = '{lessons, plural, other {{lessons}/#}} {title}'
    const { t } = openLocales({ en, 'ar-EG': { 'consent.lessons': sentence } }).of('ar-EG')
    expect(t('consent.lessons', { lessons: 12, title: 'A 1' })).toBe('١٢/١٢ A 1')
  })
})

describe('a sentence in HTML', () => {
  it('is escaped, and so are the values in it', () => {
    const locale = german('{day} & {time}')
    expect(messageHtml(locale, 'date.time', { day: '<b>', time: '"' })).toBe(
      '&lt;b&gt; &amp; &quot;',
    )
  })

  it('has its tags turned into elements', () => {
    const locale = german('<b>{day}</b>, <link>at {time}</link>')
    expect(messageHtml(locale, 'date.time', { day: '<i>', time: '7', href: '/?a=1&b="2"' })).toBe(
      '<strong>&lt;i&gt;</strong>, <a href="/?a&#x3D;1&amp;b&#x3D;&quot;2&quot;">at 7</a>',
    )
  })
})

describe('the template helper', () => {
  const render = (as: 'html' | 'text', template: string, data: object = {}) => {
    const handlebars = Handlebars.create()
    registerSentences(handlebars, as)
    return handlebars.compile(template, { strict: true, noEscape: as === 'text' })(data, {
      data: { locale: german('{day} um {time}') },
    })
  }

  it('uses the locale of the render, even within a block', () => {
    const template = '{{#each days}}{{t "date.time" day=this time=../time}};{{/each}}'
    expect(render('html', template, { days: ['<1>', 2], time: '07:00' })).toBe(
      '&lt;1&gt; um 07:00;2 um 07:00;',
    )
    expect(render('text', '{{t "date.time" day="<1>" time=7}}')).toBe('<1> um 7')
  })

  it('inserts a SafeString unescaped', () => {
    const day = new Handlebars.SafeString('<time>Montag</time>')
    expect(render('html', '{{t "date.time" day=day time=7}}', { day })).toBe(
      '<time>Montag</time> um 7',
    )
  })

  it('throws on a null value', () => {
    expect(() => render('html', '{{t "date.time" day=day time=7}}', { day: null })).toThrow(/day/)
  })
})
