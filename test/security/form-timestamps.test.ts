import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openFormTimestamps } from '../../src/security/form-timestamps.ts'
import { openSecrets } from '../../src/security/secrets.ts'

const KEY = 'a key for tests and for nothing else'
const NOW = Temporal.Instant.from('2027-03-20T06:00:00Z')
const stampsWith = (...keys: string[]) => openFormTimestamps(openSecrets(keys))
const stamps = stampsWith(KEY)

describe('a form timestamp', () => {
  const stamp = stamps.make('a-course', NOW)

  it('yields its age to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000, max: 4e12 }), (age) => {
        expect(stamps.age('a-course', stamp, NOW.add({ milliseconds: age }))).toBe(age)
      }),
    )
  })

  it('is invalid for another form or with another key', () => {
    expect(stamps.age('another', stamp, NOW)).toBeNull()
    expect(stampsWith('another key of some length').age('a-course', stamp, NOW)).toBeNull()
  })

  it('survives a key rotation', () => {
    expect(stampsWith('a newer key of some length', KEY).age('a-course', stamp, NOW)).toBe(0)
  })

  it('cannot be made older', () => {
    const [key, , tag] = stamp.split('.')
    const [, earlier] = stamps.make('a-course', NOW.subtract({ seconds: 5 })).split('.')
    expect(stamps.age('a-course', [key, earlier, tag].join('.'), NOW)).toBeNull()
  })

  it('is never any other text', () => {
    fc.assert(fc.property(fc.string(), (text) => stamps.age('a-course', text, NOW) === null))
    for (const text of ['', '.', '..', 'a.b.c', '...'])
      expect(stamps.age('a-course', text, NOW)).toBeNull()
  })
})
