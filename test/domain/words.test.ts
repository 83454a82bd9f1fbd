import { describe, expect, it } from 'vitest'
import { dayInWords, morningInWords, rhythmInWords, timeInWords } from '../../src/domain/words.ts'
import { english, openLocales } from '../../src/locales/locale.ts'

const day = Temporal.PlainDate.from('2026-11-24')
const morning = Temporal.Instant.from('2026-11-25T06:00:00Z')

describe('words', () => {
  it.each([
    ['en', 'November 24, 2026'],
    ['en-GB', '24 November 2026'],
    ['tlh', 'November 24, 2026'],
  ])('name a day in %s', (language, words) => {
    expect(dayInWords(day, openLocales().of(language))).toBe(words)
  })

  it("name a morning by the reader's own clock", () => {
    expect(morningInWords(morning, 'Europe/Berlin', english)).toBe(
      'Wednesday, November 25, at 07:00 (Europe/Berlin)',
    )
    expect(morningInWords(morning, 'America/Los_Angeles', english)).toBe(
      'Tuesday, November 24, at 22:00 (America/Los_Angeles)',
    )
    expect(morningInWords(morning, 'Asia/Kathmandu', english)).toBe(
      'Wednesday, November 25, at 11:45 (Asia/Kathmandu)',
    )
  })

  it.each([
    ['2026-11-25T05:30:00Z', 'Europe/Berlin', '06:30'],
    ['2026-11-25T17:05:00Z', 'America/New_York', '12:05'],
    ['2026-11-25T23:30:59Z', 'Europe/Berlin', '00:30'],
  ])('tell the time of %s in %s by 24 hours', (at, zone, words) => {
    expect(timeInWords(Temporal.Instant.from(at), zone, english)).toBe(words)
  })

  it('name a rhythm', () => {
    const rhythm = { time: '06:45', zone: 'Asia/Kolkata' }
    expect(rhythmInWords({ ...rhythm, weekdays: [1, 2, 3, 4, 5, 6, 7] }, english)).toBe(
      'every day at 06:45 (Asia/Kolkata)',
    )
    expect(rhythmInWords({ ...rhythm, weekdays: [6, 7] }, english)).toBe(
      'Saturday and Sunday at 06:45 (Asia/Kolkata)',
    )
  })
})
