/** A mail is in the language of its series, in both parts. */
import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import en from '../../../locales/en.json' with { type: 'json' }
import { english, type Key, type Locale, openLocales } from '../../../src/locales/locale.ts'
import { checkMails } from '../../../src/mail/check/rules.ts'
import type { Content } from '../../../src/mail/edition.ts'
import { compile, layoutOf } from '../../../src/mail/render/compile.ts'
import { readable } from '../../../src/mail/render/readable.ts'
import { loadTemplates } from '../../../src/mail/render/templates.ts'
import {
  compiled,
  composed,
  course,
  daily,
  inspirationOf,
  lessonOf,
  letterhead,
  reader,
  TEMPLATES,
} from '../make.ts'

/** A lesson of a course in a language with these sentences of its own. */
async function spoken(language: string, words: Partial<Record<Key, string>>, minutes = 12) {
  const locales = openLocales({ en, [language]: { ...en, ...words } })
  const templates = await loadTemplates(TEMPLATES, locales)
  const lesson = {
    ...lessonOf(7),
    practice: { title: 'A practice', html: '<p>Do it.</p>', minutes },
  }
  const content: Content = {
    kind: 'lesson',
    series: { ...course, language },
    lesson,
    companion: null,
  }
  return { content, templates, locale: locales.of(language) }
}
const mailOf = async ({ content, templates }: Awaited<ReturnType<typeof spoken>>) => {
  const mail = await composed(await compile(content, templates, letterhead))
  return { ...mail, seen: load(mail.html)('body').text() }
}

describe('a label', () => {
  it.each([
    ['tr', 'bir iki', 'BİR İKİ'],
    ['de', 'Größe', 'GRÖSSE'],
    ['el', 'Πρακτική', 'ΠΡΑΚΤΙΚΗ'],
  ])('is capitalized as in %s in the text, with no findings', async (language, label, capitals) => {
    const mail = await spoken(language, { 'mail.lesson.question': label })
    const { text, seen } = await mailOf(mail)
    expect(text).toContain(`\n${capitals}\n`)
    expect(seen).toContain(label)
    const written = { content: mail.content, file: 'c/07-x.md', line: 1 }
    expect(await checkMails([written], mail.templates)).toEqual([])
  })

  it('does not wrap beside the title', async () => {
    const { html, text } = await mailOf(
      await spoken('de', { 'mail.lesson.day': 'Tag {day} von {days}' }),
    )
    expect(html).toContain('>Tag&nbsp;7&nbsp;von&nbsp;30<')
    expect(text).toContain(' · Tag 7 von 30\n')
  })

  it('has the right plural for its number, with one layout for all numbers', async () => {
    const words = {
      'mail.lesson.practice': '{count, plural, few {{minutes} minuty} other {{minutes} minut}}',
    }
    const mails = await Promise.all([3, 12, 15].map((minutes) => spoken('pl', words, minutes)))
    const said = await Promise.all(
      mails.map(async (mail) => {
        const { seen, text } = await mailOf(mail)
        return [/\d+ minuty?/.exec(seen)?.[0], /\d+ MINUTY?/.exec(text)?.[0]]
      }),
    )
    expect(said).toEqual([
      ['3 minuty', '3 MINUTY'],
      ['12 minut', '12 MINUT'],
      ['15 minut', '15 MINUT'],
    ])
    const [few, many, more] = mails.map(
      (one) => layoutOf(one.content, one.templates, letterhead).mjml,
    )
    expect([few === many, many === more]).toEqual([true, true])
  })
})

describe('a sentence with a name in it', () => {
  const lesson: Content = {
    kind: 'lesson',
    series: course,
    lesson: lessonOf(7),
    companion: null,
    afterPause: true,
  }
  const inspiration: Content = {
    kind: 'inspiration',
    series: daily,
    inspiration: inspirationOf(0),
    afterPause: true,
  }
  it.each<[content: Content, named: string, nameless: string]>([
    [
      { kind: 'confirm', series: course },
      'Dear Tom & Ann, someone used this address at Dawnpost',
      'Someone used this address at Dawnpost',
    ],
    [lesson, 'Welcome back, Tom & Ann. Your pause', 'Welcome back. Your pause'],
    [inspiration, 'Welcome back, Tom & Ann. Your pause', 'Welcome back. Your pause'],
  ])('is complete without it: $kind', async (content, named, nameless) => {
    const edition = await compiled(content)
    for (const [firstName, sentence] of [
      ['Tom & Ann', named],
      ['', nameless],
    ] as const) {
      const { html, text } = await composed(edition, { firstName })
      expect(load(html)('.prose p').first().text()).toMatch(
        new RegExp(`^${RegExp.escape(sentence)}`),
      )
      expect(text).toContain(`\n${sentence}`)
    }
  })
})

it('a stored mail says where the links are in the language of the page', async () => {
  const mail = await spoken('de', { 'mail.read.controls': 'Die Links & mehr stehen in der Mail.' })
  const { source } = await compile(mail.content, mail.templates, letterhead)
  const read = (locale: Locale) => load(readable(source(), reader(), locale).html)('body').text()
  expect(read(mail.locale)).toContain('Die Links & mehr stehen in der Mail.')
  expect(read(english)).toContain(english.t('mail.read.controls'))
})
