import { fileURLToPath } from 'node:url'
import { convert } from 'html-to-text'
import { describe, expect, it } from 'vitest'
import { loadCourses } from '../../src/content/courses.ts'

const shipped = await loadCourses(fileURLToPath(new URL('../../courses', import.meta.url)))
const courses = shipped.filter((one) => one.kind === 'course')
const lessons = courses.flatMap((one) => one.lessons)
const inspirations = shipped.flatMap((one) => (one.kind === 'daily' ? one.inspirations : []))

const plain = (html: string) => convert(html, { wordwrap: false })
/** A word contains a letter; list numbers and dashes are none. */
const wordsIn = (text: string) => text.split(/\s+/).filter((part) => /\p{L}/u.test(part)).length
const repeated = (texts: readonly string[]) =>
  texts.filter((text, index) => texts.indexOf(text) !== index)

describe('the shipped courses', () => {
  it('are one of thirty days, and one of five in two languages', () => {
    expect(courses.map(({ slug, lessons }) => `${slug}, ${lessons.length}`)).toEqual([
      'genau-hinsehen, 5',
      'inner-wisdom, 30',
      'looking-closely, 5',
    ])
  })
})

describe.each(courses)('the shipped course $slug', ({ lessons, parts }) => {
  it.each(lessons)(
    'has 250 to 450 words on day $day, $subject',
    ({ html, practice, question, carry }) => {
      const words = wordsIn(
        [plain(html), practice?.title, plain(practice?.html ?? ''), question, carry].join(' '),
      )
      expect(words).toBeGreaterThanOrEqual(250)
      expect(words).toBeLessThanOrEqual(450)
    },
  )

  it('has a subject, a question and a line to carry that no other day has', () => {
    expect(repeated(lessons.map(({ subject }) => subject.toLowerCase()))).toEqual([])
    expect(repeated(lessons.map(({ question }) => question))).toEqual([])
    expect(repeated(lessons.map(({ carry }) => carry))).toEqual([])
  })

  it('has practices of five to fifteen minutes', () => {
    expect(
      lessons.filter(({ practice }) => !practice || practice.minutes < 5 || practice.minutes > 15),
    ).toEqual([])
  })

  it('has parts that cover its days, one after the other', () => {
    const days = parts.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    )
    expect(days).toEqual(lessons.map(({ day }) => day))
  })
})

describe('the shipped daily', () => {
  it('has at least sixty inspirations', () => {
    expect(inspirations.length).toBeGreaterThanOrEqual(60)
  })

  it('has 35 to 70 words in each', () => {
    const counted = inspirations.map(({ title, html }) => ({ title, words: wordsIn(plain(html)) }))
    expect(counted.filter(({ words }) => words < 35 || words > 70)).toEqual([])
  })

  it('repeats no title and no text', () => {
    expect(repeated(inspirations.map(({ title }) => title.toLowerCase()))).toEqual([])
    expect(repeated(inspirations.map(({ html }) => html))).toEqual([])
  })
})

const NO_SUBSTITUTE: Readonly<Record<string, string>> = {
  en: 'no substitute for professional help',
  de: 'ersetzt keine professionelle Hilfe',
}

describe('every shipped series', () => {
  it('says in its welcome that it is no substitute for professional help', () => {
    expect(
      shipped.filter(
        ({ welcome, language }) => !welcome.html.includes(NO_SUBSTITUTE[language] ?? '?'),
      ),
    ).toEqual([])
  })

  it('has no slot, placeholder or web address in any text', () => {
    const texts = [
      ...shipped.flatMap(({ welcome, description }) => [welcome.html, description]),
      ...lessons.flatMap(({ html, practice }) => [html, practice?.html ?? '']),
      ...inspirations.map(({ html }) => html),
    ]
    expect(texts.filter((text) => /\{\{|TODO|lorem|&lt;|https?:/i.test(text))).toEqual([])
  })
})
