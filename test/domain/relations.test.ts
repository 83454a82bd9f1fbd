import { describe, expect, it } from 'vitest'
import type { Series } from '../../src/domain/course.ts'
import { coursesAfter, offeredDailies, translationsOf } from '../../src/domain/relations.ts'

const series = (slug: string, language: string, more: object = {}) =>
  ({ kind: 'course', slug, language, ...more }) as Series
const slugs = (all: readonly Series[]) => all.map(({ slug }) => slug)

describe('translations', () => {
  const en = series('en', 'en', { translations: ['de'] })
  const de = series('de', 'de')
  const fr = series('fr', 'fr', { translations: ['de', 'gone', 'fr'] })
  const other = series('other', 'fr')
  const all = [other, fr, en, de]

  it.each([en, de, fr])('are the same, whichever of them declares them: %s', (one) => {
    expect(slugs(translationsOf(one, all))).toEqual(['de', 'en', 'fr'])
  })

  it('are none but itself where none are declared', () => {
    expect(slugs(translationsOf(other, all))).toEqual(['other'])
  })

  it('include one per language', () => {
    const again = series('again', 'fr', { translations: ['de'] })
    expect(slugs(translationsOf(de, [en, de, fr, again]))).toEqual(['de', 'en', 'fr'])
  })
})

describe('what is offered beside a course and after it', () => {
  const daily = (slug: string, language: string) => series(slug, language, { kind: 'daily' })
  const course = series('course', 'de')
  const all = [daily('d-at', 'de-AT'), daily('d-en', 'en'), series('c-en', 'en'), course]

  it('is in its language', () => {
    expect(slugs(offeredDailies(course, all))).toEqual(['d-at'])
    expect(slugs(offeredDailies(all[0] as Series, all))).toEqual([])
    expect(slugs(coursesAfter(course, [...all, series('c-formal', 'de-x-formal')]))).toEqual([
      'c-formal',
    ])
  })

  it('is what its author names', () => {
    const naming = (...offers: string[]) => series('course', 'de', { offers })
    expect(slugs(offeredDailies(naming('d-en', 'c-en', 'gone'), all))).toEqual(['d-en'])
    expect(slugs(offeredDailies(naming(), all))).toEqual([])
  })
})
