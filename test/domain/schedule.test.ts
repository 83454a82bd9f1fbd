import { describe, expect, it } from 'vitest'
import { type Rhythm, WEEKDAYS } from '../../src/domain/rhythm.ts'
import { firstMorning, morningFrom, morningOn, type SendWindow } from '../../src/domain/schedule.ts'

const daily = (zone: string, time: string): Rhythm => ({ zone, time, weekdays: WEEKDAYS })
const on = (rhythm: Rhythm, date: string) => morningOn(rhythm, Temporal.PlainDate.from(date))
const readsAt = (rhythm: Rhythm, date: string) =>
  on(rhythm, date)?.at.toZonedDateTimeISO(rhythm.zone).toString({ timeZoneName: 'never' }) ?? null

describe('the edges of a day', () => {
  it.each([
    ['a skipped time moves on by the gap', 'Europe/Berlin', '02:30', '2026-03-29T03:30:00+02:00'],
    [
      'of a repeated time the first is taken',
      'Europe/Berlin',
      '02:30',
      '2026-10-25T02:30:00+02:00',
    ],
    [
      'a skipped time moves on by the gap',
      'America/New_York',
      '02:30',
      '2026-03-08T03:30:00-04:00',
    ],
    [
      'of a repeated time the first is taken',
      'America/New_York',
      '01:30',
      '2026-11-01T01:30:00-04:00',
    ],
    ['a gap at midnight', 'Africa/Cairo', '00:30', '2026-04-24T01:30:00+03:00'],
    ['a gap at midnight', 'America/Santiago', '00:30', '2026-09-06T01:30:00-03:00'],
    ['midnight itself skipped', 'America/Santiago', '00:00', '2026-09-06T01:00:00-03:00'],
    ['a gap of half an hour', 'Australia/Lord_Howe', '02:15', '2026-10-04T02:45:00+11:00'],
    [
      'a province that stopped changing its clocks',
      'America/Vancouver',
      '07:00',
      '2026-12-01T07:00:00-07:00',
    ],
  ])('%s: %s at %s', (_, zone, time, reads) => {
    expect(readsAt(daily(zone, time), reads.slice(0, 10))).toBe(reads)
  })

  it('leave no morning on a date that a zone left out', () => {
    const rhythm = daily('Pacific/Apia', '07:00')
    expect(on(rhythm, '2011-12-30')).toBeNull()
    const before = firstMorning(rhythm, Temporal.Instant.from('2011-12-29T12:00:00Z'))
    const after = morningFrom(rhythm, before.on.add({ days: 1 }), before.at)
    expect([String(before.on), String(after.on)]).toEqual(['2011-12-29', '2011-12-31'])
  })

  it('add a week when the one chosen weekday is the date left out', () => {
    const rhythm: Rhythm = { zone: 'Pacific/Apia', time: '07:00', weekdays: [5] }
    const next = firstMorning(rhythm, Temporal.Instant.from('2011-12-24T12:00:00Z'))
    expect(String(next.on)).toBe('2012-01-06')
  })

  it.each([
    ['America/Nuuk', '2026-03-28'],
    ['America/Scoresbysund', '2027-03-27'],
  ])(
    'give the last minute where the gap would push a late time past midnight: %s on %s',
    (zone, date) => {
      // 23:00 to 24:00 is skipped. At 00:30 two mornings would fall on the date that follows.
      for (const time of ['22:59', '23:00', '23:30', '23:59'])
        expect(readsAt(daily(zone, time), date)).toContain(`${date}T22:59:00`)
      const rhythm = daily(zone, '23:30')
      const { at, until } = on(rhythm, date) as SendWindow
      expect(until.since(at).total('seconds')).toBe(60)
      const next = Temporal.PlainDate.from(date).add({ days: 1 })
      expect(readsAt(rhythm, String(next))).toContain(`${next}T23:30:00`)
    },
  )
})

describe('the window', () => {
  it.each([
    ['07:00', '2026-06-15T21:00'],
    ['00:00', '2026-06-15T21:00'],
    ['19:59', '2026-06-15T21:00'],
    ['20:00', '2026-06-15T21:00'],
    ['20:01', '2026-06-15T21:01'],
    ['21:00', '2026-06-15T22:00'],
    ['22:59', '2026-06-15T23:59'],
    ['23:00', '2026-06-16T00:00'],
    ['23:59', '2026-06-16T00:00'],
  ])('of a morning due at %s closes at %s', (time, closes) => {
    const morning = on(daily('Europe/Berlin', time), '2026-06-15')
    expect(
      String(morning?.until.toZonedDateTimeISO('Europe/Berlin').toPlainDateTime()).slice(0, 16),
    ).toBe(closes)
  })

  it('of an evening reader ends at the midnight that the clocks skip', () => {
    const until = on(daily('America/Santiago', '23:30'), '2026-09-05')?.until
    expect(String(until)).toBe('2026-09-06T04:00:00Z')
  })
})

describe('the first morning', () => {
  const rhythm = daily('Europe/Berlin', '07:00')
  const first = (now: string, of: Rhythm = rhythm) =>
    String(firstMorning(of, Temporal.Instant.from(now)).on)

  it('is today while the chosen time is still ahead', () => {
    expect(first('2026-06-15T04:59:59Z')).toBe('2026-06-15')
  })

  it('is tomorrow from the chosen minute on', () => {
    expect(first('2026-06-15T05:00:00Z')).toBe('2026-06-16')
    expect(first('2026-06-15T20:00:00Z')).toBe('2026-06-16')
  })

  it("counts days on the reader's calendar, not on ours", () => {
    expect(first('2026-06-15T18:30:00Z', daily('Asia/Kolkata', '07:00'))).toBe('2026-06-16')
    expect(first('2026-06-15T01:00:00Z', daily('America/Los_Angeles', '23:00'))).toBe('2026-06-14')
  })

  it('is the next weekday that was chosen', () => {
    // The 15th of June 2026 is a Monday.
    expect(first('2026-06-15T12:00:00Z', { ...rhythm, weekdays: [1] })).toBe('2026-06-22')
    expect(first('2026-06-15T12:00:00Z', { ...rhythm, weekdays: [3, 6] })).toBe('2026-06-17')
  })
})

describe('the morning from a date on', () => {
  const rhythm = daily('Europe/Berlin', '07:00')
  const from = (date: string, now: string) =>
    String(morningFrom(rhythm, Temporal.PlainDate.from(date), Temporal.Instant.from(now)).on)

  it('is a morning that is due already while its window is open', () => {
    expect(from('2026-06-15', '2026-06-15T18:59:59Z')).toBe('2026-06-15')
  })

  it('is the next one from the moment the window closes', () => {
    expect(from('2026-06-15', '2026-06-15T19:00:00Z')).toBe('2026-06-16')
  })

  it('is never in the past, however long nothing was planned', () => {
    expect(from('2026-06-01', '2026-06-15T12:00:00Z')).toBe('2026-06-15')
  })

  it('keeps to a date that lies ahead', () => {
    expect(from('2026-07-01', '2026-06-15T12:00:00Z')).toBe('2026-07-01')
  })

  it('is an error when no weekday is allowed', () => {
    expect(() =>
      morningFrom(
        { ...rhythm, weekdays: [] },
        Temporal.PlainDate.from('2026-06-15'),
        Temporal.Instant.from('2026-06-15T00:00Z'),
      ),
    ).toThrow('no morning within 28 dates')
  })
})
