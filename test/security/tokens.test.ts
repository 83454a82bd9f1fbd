import { describe, expect, it } from 'vitest'
import { openSecrets } from '../../src/security/secrets.ts'
import { csrfTokenOf, isCsrfTokenOf, openTokens } from '../../src/security/tokens.ts'

const [OLD, NEW] = ['a key for tests and for nothing else', 'another key for tests and for nothing']
const tokens = openTokens(openSecrets([OLD]))

describe('a token', () => {
  it('has 256 bits and is different every time', () => {
    const all = Array.from({ length: 100 }, () => tokens.fresh())
    expect(new Set(all).size).toBe(100)
    expect(all.every((one) => Buffer.from(one, 'base64url').length === 32)).toBe(true)
  })

  it('of a mail is the same every time, survives a key rotation, and is unique to the mail', () => {
    const [token] = tokens.ofMail('a')
    expect(tokens.ofMail('a')).toEqual([token])
    expect(
      openTokens(openSecrets([NEW, OLD]))
        .ofMail('a')
        .slice(1),
    ).toEqual([token])
    expect(tokens.ofMail('b')).not.toEqual([token])
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  })

  it('has a hash for look-up, and other texts have none', () => {
    const [token] = tokens.ofMail('a')
    expect(tokens.hashOf(token)).toHaveLength(32)
    for (const none of ['', token.slice(1), `${token}a`, `${token}\n`, token.replace(/./, '=')])
      expect(tokens.hashOf(none), none).toBeNull()
  })
})

it('a CSRF token is valid only for its own session', () => {
  const [mine, other] = [tokens.fresh(), tokens.fresh()]
  expect(isCsrfTokenOf(mine, csrfTokenOf(mine))).toBe(true)
  for (const none of ['', csrfTokenOf(other), mine, csrfTokenOf(mine).slice(1)])
    expect(isCsrfTokenOf(mine, none), none).toBe(false)
})
