import { describe, expect, it } from 'vitest'
import { dayInWords, morningInWords, rhythmInWords } from '../../src/domain/words.ts'

const day = Temporal.PlainDate.from('2026-11-24')
const morning = Temporal.Instant.from('2026-11-25T06:00:00Z')

describe('words', () => {
  it.each([
    ['en', 'November 24, 2026'],
    ['en-GB', '24 November 2026'],
    ['de', '24. November 2026'],
    ['pt-BR', '24 de novembro de 2026'],
  ])('name a day in %s', (language, words) => {
    expect(dayInWords(day, language)).toBe(words)
  })

  it("name a morning by the reader's own clock", () => {
    expect(morningInWords(morning, 'Europe/Berlin', 'en')).toBe(
      'Wednesday, November 25, at 07:00 (Europe/Berlin)',
    )
    expect(morningInWords(morning, 'America/Los_Angeles', 'en')).toBe(
      'Tuesday, November 24, at 22:00 (America/Los_Angeles)',
    )
    expect(morningInWords(morning, 'Asia/Kathmandu', 'en')).toBe(
      'Wednesday, November 25, at 11:45 (Asia/Kathmandu)',
    )
  })

  it('name a rhythm', () => {
    const rhythm = { time: '06:45', zone: 'Asia/Kolkata' }
    expect(rhythmInWords({ ...rhythm, weekdays: [1, 2, 3, 4, 5, 6, 7] })).toBe(
      'every day at 06:45 (Asia/Kolkata)',
    )
    expect(rhythmInWords({ ...rhythm, weekdays: [6, 7] })).toBe('Saturday and Sunday at 06:45 (Asia/Kolkata)')
  })
})
