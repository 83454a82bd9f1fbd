import { describe, expect, it } from 'vitest'
import { inspirationOn } from '../../src/domain/course.ts'
import { daily } from './make.ts'

const daysOf = (year: number) => {
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 })
  return Array.from({ length: first.daysInYear }, (_, days) => first.add({ days }))
}
const on = (texts: number, date: string) =>
  inspirationOn(daily(texts), Temporal.PlainDate.from(date)).title

describe('the inspiration of a date', () => {
  it.each([2024, 2026, 2027, 2028, 2100])(
    'is unique on every date of %i when there are 366',
    (year) => {
      const series = daily(366)
      const titles = daysOf(year).map((date) => inspirationOn(series, date).title)
      expect(new Set(titles).size).toBe(titles.length)
    },
  )

  it.each([
    ['2027-01-01', 'Text 1'],
    ['2028-01-01', 'Text 1'],
    ['2027-02-28', 'Text 59'],
    ['2028-02-28', 'Text 59'],
    ['2028-02-29', 'Text 60'],
    ['2027-03-01', 'Text 61'],
    ['2028-03-01', 'Text 61'],
    ['2027-12-31', 'Text 366'],
    ['2028-12-31', 'Text 366'],
  ])('%s is %s, in leap years as in others', (date, title) => {
    expect(on(366, date)).toBe(title)
  })

  it('comes round again when there are fewer texts than days', () => {
    expect(on(60, '2028-02-29')).toBe('Text 60')
    expect(on(60, '2028-03-01')).toBe('Text 1')
    expect(on(60, '2028-12-31')).toBe('Text 6')
  })

  it.each([1, 7, 60, 100, 365])('exists on every date, also with %i texts', (texts) => {
    const series = daily(texts)
    const titles = [2027, 2028].flatMap(daysOf).map((date) => inspirationOn(series, date).title)
    expect(new Set(titles).size).toBe(texts)
  })

  it('uses only the first texts when there are more texts than days', () => {
    expect(on(400, '2028-12-31')).toBe('Text 366')
  })

  it('is an error when there are no texts at all', () => {
    expect(() => on(0, '2027-01-01')).toThrow('a-daily holds no inspiration')
  })
})
