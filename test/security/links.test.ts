import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/domain/problem.ts'
import { DAY } from '../../src/domain/time.ts'
import { openLinks, type Purpose } from '../../src/security/links.ts'
import { openSecrets } from '../../src/security/secrets.ts'

const KEY = 'a key for tests and for nothing else'
const ID = '01960000-0000-7000-8000-000000000007'
const NOW = Temporal.Instant.from('2027-03-20T06:00:00Z')
const PURPOSES: readonly Purpose[] = ['confirm', 'unsubscribe', 'preferences', 'address']

const linksWith = (...keys: string[]) =>
  openLinks(openSecrets(keys), 'https://courses.example', () => NOW)
const links = linksWith(KEY)
const later = (milliseconds: number) => NOW.add({ milliseconds })

/** The result of reading a link: the id, or the code of the problem. */
function read(purpose: Purpose, token: string, now = NOW, by = links): string {
  try {
    return by.read(purpose, token, now)
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

describe.each(PURPOSES)('a link to %s', (purpose) => {
  const token = links.token(purpose, ID, NOW)

  it('yields the id it was made for', () => {
    fc.assert(fc.property(fc.uuid(), (id) => read(purpose, links.token(purpose, id, NOW)) === id))
  })

  it('is a short URL on our site without characters to escape', () => {
    const url = links.url(purpose, ID, NOW)
    expect(url).toMatch(/^https:\/\/courses\.example\/[a-z]+\/[\w.-]+$/)
    expect(url.length).toBeLessThan(200)
    expect(read(purpose, url.split('/').at(-1) ?? '')).toBe(ID)
  })

  it.each(PURPOSES.filter((other) => other !== purpose))(
    'is invalid when used as a link to %s',
    (other) => {
      expect(read(other, token)).toBe('not_found')
    },
  )

  it('is invalid when truncated anywhere', () => {
    const cut = Array.from({ length: token.length }, (_, length) =>
      read(purpose, token.slice(0, length)),
    )
    expect(new Set(cut)).toEqual(new Set(['not_found']))
  })

  it('is invalid when any character is changed', () => {
    const letters = 'ABab01-_.'
    // The last character of a tag is skipped: it carries only two bits, and the rest are ignored.
    const changed = [...token.slice(0, -1)].flatMap((present, at) =>
      [...letters]
        .filter((one) => one !== present)
        .map((one) => token.slice(0, at) + one + token.slice(at + 1)),
    )
    expect(new Set(changed.map((one) => read(purpose, one)))).toEqual(new Set(['not_found']))
  })

  it('is invalid when made with another key', () => {
    expect(read(purpose, linksWith('another key of some length').token(purpose, ID, NOW))).toBe(
      'not_found',
    )
  })

  it('is invalid when its tag is combined with another id', () => {
    const [version, key, , tag] = token.split('.')
    const [, , theirs] = links.token(purpose, ID.replace('7', '8'), NOW).split('.')
    expect(read(purpose, [version, key, theirs, tag].join('.'))).toBe('not_found')
  })

  it('survives key rotations', () => {
    expect(read(purpose, token, NOW, linksWith('a newer key of some length', KEY))).toBe(ID)
    expect(
      read(purpose, token, NOW, linksWith('a newer key of some length', 'one between them', KEY)),
    ).toBe(ID)
  })

  it('is invalid once its key is removed', () => {
    expect(read(purpose, token, NOW, linksWith('a newer key of some length'))).toBe('not_found')
  })
})

describe('an invalid link', () => {
  it.each([
    '',
    '.',
    '...',
    '1...',
    '1.a.b.c',
    '2.a.b.c',
    'null',
    '__proto__',
    '1.a.b.c.d',
    '%00',
    '1.\u0000.b.c',
    '💌',
  ])('like %j is not found', (token) => {
    expect(read('unsubscribe', token)).toBe('not_found')
  })

  it('is not found, whatever its text', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        (token) => read('unsubscribe', token) === 'not_found',
      ),
    )
  })

  it('is answered with what to do instead', () => {
    expect(() => links.read('confirm', 'x', NOW)).toThrow(
      'Open it again from the email, or copy all of it.',
    )
  })
})

describe('time', () => {
  it('expires a link to confirm after seven days', () => {
    const token = links.token('confirm', ID, NOW)
    expect(read('confirm', token, later(7 * DAY - 1))).toBe(ID)
    expect(read('confirm', token, later(7 * DAY))).toBe('expired')
    expect(read('confirm', token, later(400 * DAY))).toBe('expired')
  })

  it('does not make a forged link "expired": it was never valid', () => {
    const token = links.token('confirm', ID, NOW)
    expect(read('confirm', `${token.slice(0, -4)}AAAA`, later(400 * DAY))).toBe('not_found')
  })

  it.each<[Purpose]>([['unsubscribe'], ['preferences']])('never expires links to %s', (purpose) => {
    const token = links.token(purpose, ID, NOW)
    expect(read(purpose, token, NOW.subtract({ hours: 24 * 365 }))).toBe(ID)
    expect(read(purpose, token, NOW.add({ hours: 24 * 365 * 50 }))).toBe(ID)
  })

  it('does not change an unsubscribe link, so a mail sent again is byte for byte the same', () => {
    expect(links.token('unsubscribe', ID, later(3 * DAY))).toBe(links.token('unsubscribe', ID, NOW))
  })

  it('does not break the links in mails sent long ago', () => {
    // Made by the first version. If these fail, so does every link in every mailbox.
    expect(read('unsubscribe', '1.nea2.AZYAAAAAcACAAAAAAAAABw.FpQHkann-miHWS_fAdK2Fw')).toBe(ID)
    expect(read('confirm', '1.nea2.AZYAAAAAcACAAAAAAAAAB2unUGA.yqGoOLn_8TfcMsDE99i2qw')).toBe(ID)
  })
})
