import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openClickTokens } from '../../src/security/click-tokens.ts'
import { openLinks } from '../../src/security/links.ts'
import { openSecrets } from '../../src/security/secrets.ts'

const KEY = 'a key for tests and for nothing else'
const tokensWith = (...keys: string[]) => openClickTokens(openSecrets(keys))
const tokens = tokensWith(KEY)
const LINK = {
  delivery: '01960000-0000-7000-8000-000000000007',
  edition: '0123456789abcdef0123456789abcdef',
  link: 3,
}

describe('a token of a counted link', () => {
  const token = tokens.make(LINK)
  const [version, key = '', , tag = ''] = token.split('.')

  it('yields its delivery, edition and link, and is the same each time', () => {
    expect(tokens.open(token)).toEqual(LINK)
    expect(tokens.make(LINK)).toBe(token)
    expect(token.length).toBeLessThan(100)
  })

  it('is invalid with the payload of another delivery, edition or link', () => {
    const others = [
      { ...LINK, link: 4 },
      { ...LINK, delivery: LINK.delivery.replace('7', '8') },
      { ...LINK, edition: LINK.edition.replace('0', '1') },
    ]
    for (const other of others) {
      const [, , another] = tokens.make(other).split('.')
      expect(tokens.open([version, key, another, tag].join('.'))).toBeNull()
    }
  })

  it('is invalid when any character is changed, removed or added', () => {
    for (let at = 0; at < token.length - 1; at++) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
      expect(tokens.open(changed)).toBeNull()
    }
    expect(tokens.open(token.slice(0, -1))).toBeNull()
    expect(tokens.open(`${token}A`)).toBeNull()
    fc.assert(fc.property(fc.string(), (text) => tokens.open(text) === null))
  })

  it('is not valid as another kind of link, nor the other way round', () => {
    const links = openLinks(openSecrets([KEY]), 'https://courses.example', () =>
      Temporal.Instant.from('2027-03-20T06:00:00Z'),
    )
    for (const purpose of ['unsubscribe', 'preferences', 'lessons'] as const) {
      expect(() => links.open(purpose, token)).toThrow()
      expect(tokens.open(links.token(purpose, LINK.delivery))).toBeNull()
    }
  })

  it('survives a key rotation, and is invalid with another key', () => {
    expect(tokensWith('a newer key of some length', KEY).open(token)).toEqual(LINK)
    expect(tokensWith('another key of some length').open(token)).toBeNull()
  })
})
