import { describe, expect, it } from 'vitest'
import {
  dayInWords,
  frameLanguage,
  morningInWords,
  rhythmInWords,
  timeInWords,
} from '../../src/domain/words.ts'

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

  it.each([
    ['2026-11-25T05:30:00Z', 'Europe/Berlin', '06:30'],
    ['2026-11-25T17:05:00Z', 'America/New_York', '12:05'],
    ['2026-11-25T23:30:59Z', 'Europe/Berlin', '00:30'],
  ])('tell the time of %s in %s by 24 hours', (at, zone, words) => {
    expect(timeInWords(Temporal.Instant.from(at), zone)).toBe(words)
  })

  it.each([
    ['de', 'en'],
    ['en-GB', 'en-GB'],
    ['en', 'en'],
    [undefined, 'en'],
  ])('round a series in %s are in %s', (language, frame) => {
    expect(frameLanguage(language)).toBe(frame)
  })

  it('name a rhythm', () => {
    const rhythm = { time: '06:45', zone: 'Asia/Kolkata' }
    expect(rhythmInWords({ ...rhythm, weekdays: [1, 2, 3, 4, 5, 6, 7] })).toBe(
      'every day at 06:45 (Asia/Kolkata)',
    )
    expect(rhythmInWords({ ...rhythm, weekdays: [6, 7] })).toBe(
      'Saturday and Sunday at 06:45 (Asia/Kolkata)',
    )
  })
})
