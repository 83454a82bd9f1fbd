import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { halved, perMinuteAt } from '../../src/domain/pace.ts'
import { providerOf } from '../../src/domain/provider.ts'
import { warmUpCap } from '../../src/domain/warm-up.ts'

const NOW = Temporal.Instant.from('2027-03-20T06:00:00Z')
const later = (minutes: number) => NOW.add({ minutes })

describe('a pace', () => {
  it('is the limit, or none, for a server that has never complained', () => {
    expect(perMinuteAt(null, 600, NOW)).toBe(600)
    expect(perMinuteAt(null, null, NOW)).toBeNull()
  })

  it('halves per complaint, from the limit or two a second, down to one a minute', () => {
    expect(halved(null, 600, NOW).perMinute).toBe(300)
    const first = halved(null, null, NOW)
    expect(first.perMinute).toBe(60)
    expect(halved(first, null, NOW).perMinute).toBe(30)
    expect(halved({ perMinute: 1, slowedAt: NOW }, null, NOW).perMinute).toBe(1)
  })

  it('recovers slowly, and ends at the limit', () => {
    const pace = { perMinute: 30, slowedAt: NOW }
    expect(perMinuteAt(pace, 600, later(1))).toBe(33)
    expect(perMinuteAt(pace, 600, later(10))).toBe(77)
    expect(perMinuteAt(pace, 600, later(31))).toBe(575)
    expect(perMinuteAt(pace, 600, later(32))).toBe(600)
    expect(perMinuteAt(pace, null, later(60))).toBeNull()
  })

  it('never falls while nobody complains, and never passes the limit', () => {
    const minutes = fc.integer({ min: 0, max: 10_000 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), minutes, minutes, (perMinute, a, b) => {
        const at = (m: number) => perMinuteAt({ perMinute, slowedAt: NOW }, 500, later(m)) ?? 0
        expect(at(Math.min(a, b))).toBeLessThanOrEqual(at(Math.max(a, b)))
        expect(at(b)).toBeLessThanOrEqual(500)
      }),
    )
  })
})

describe('a provider', () => {
  it.each([
    ['ada@gmail.com', 'gmail'],
    ['ada@GoogleMail.com', 'gmail'],
    ['ada@hotmail.co.uk', 'outlook'],
    ['ada@live.com', 'outlook'],
    ['ada@outlook.de', 'outlook'],
    ['ada@yahoo.co.jp', 'yahoo'],
    ['ada@aol.com', 'yahoo'],
    ['ada@example.com', 'example.com'],
    ['ada@notgmail.com', 'notgmail.com'],
    ['"a@gmail.com"@example.org', 'example.org'],
  ])('of %s is %s', (address, provider) => {
    expect(providerOf(address)).toBe(provider)
  })
})

describe('a warm-up', () => {
  it('allows more mail each week, and ends', () => {
    const start = Temporal.PlainDate.from('2027-03-01')
    const caps = [0, 6, 7, 14, 21, 28, 41, 42].map((days) => warmUpCap(start, start.add({ days })))
    expect(caps).toEqual([100, 100, 500, 2_000, 10_000, 50_000, 50_000, null])
  })
})
