import { describe, expect, it } from 'vitest'
import { openSeals } from '../../src/security/seals.ts'
import { openSecrets } from '../../src/security/secrets.ts'

const NEW = 'the newer key of this house'
const OLD = 'the older key of this house'
const NOW = Temporal.Instant.from('2027-03-19T12:00:00Z')
const later = (minutes: number) => NOW.add({ minutes })

describe('a sealed value', () => {
  const { seal, open } = openSeals(openSecrets([NEW]))
  const sealed = seal('a form', { email: 'ada@example.com' }, NOW)

  it('opens only for its purpose, within an hour, and looks different each time', () => {
    expect(open('a form', sealed, later(59))).toEqual({ email: 'ada@example.com' })
    expect(open('a form', sealed, later(60))).toBeNull()
    expect(open('another form', sealed, NOW)).toBeNull()
    expect(seal('a form', { email: 'ada@example.com' }, NOW)).not.toBe(sealed)
  })

  it('fits into a URL unescaped and reveals nothing', () => {
    expect(sealed).toMatch(/^[\w.-]+$/)
    expect(Buffer.from(sealed.split('.')[1] ?? '', 'base64url').toString('latin1')).not.toContain(
      'ada',
    )
  })

  it('is invalid when any part of it is changed or cut off', () => {
    const [name = '', text = ''] = sealed.split('.')
    const bytes = Buffer.from(text, 'base64url')
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(
        open('a form', `${name}.${changed.toString('base64url')}`, NOW),
        `byte ${index}`,
      ).toBeNull()
      expect(
        open('a form', `${name}.${bytes.subarray(0, index).toString('base64url')}`, NOW),
      ).toBeNull()
    }
    for (const other of ['', '.', 'x', `${name}.`, `zzzz.${text}`, 'a'.repeat(100_000)])
      expect(open('a form', other, NOW)).toBeNull()
  })

  it('survives a key rotation, and is invalid with another key', () => {
    const old = openSeals(openSecrets([OLD])).seal('a form', 1, NOW)
    expect(openSeals(openSecrets([NEW, OLD])).open('a form', old, NOW)).toBe(1)
    expect(open('a form', old, NOW)).toBeNull()
  })
})
