import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { skeletonOf } from '../../../src/mail/render/skeleton.ts'
import { compileSlots } from '../../../src/mail/render/templates.ts'
import { reader } from '../make.ts'

/** The body for one reader, made from a template used for both parts. */
function filled(template: string, firstName: string): Buffer {
  const render = compileSlots(template, { noEscape: true })
  const { contentType, fill } = skeletonOf({
    hash: 'a-hash',
    asksName: true,
    text: render,
    html: render,
    fields: [],
    countedLinks: 0,
  })
  const header = Buffer.from(`MIME-Version: 1.0\r\nContent-Type: ${contentType}\r\n\r\n`)
  return Buffer.concat([header, ...fill(reader({ firstName }))])
}

const tooLong = (raw: Buffer) =>
  raw
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line.length > 76)

const dotted = (raw: Buffer) =>
  raw
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line.startsWith('.'))

/**
 * Texts of every length around a full line. `é` becomes six characters when encoded; a dot at the
 * start of a line is encoded too.
 */
const LENGTHS = Array.from({ length: 170 }, (_, length) => length)
const TEXTS = LENGTHS.flatMap((length) => [
  'a'.repeat(length),
  `é${'a'.repeat(length)}`,
  '.'.repeat(length),
  `${'a'.repeat(length)}..a`,
])

describe('a value of any length', () => {
  it('leaves no line longer than quoted-printable allows (RFC 2045)', () => {
    expect(
      TEXTS.filter((text) => tooLong(filled('Dear {{firstName}}, hello', text)).length > 0),
    ).toEqual([])
  })

  it('starts no line with a dot, which SMTP would have to double (RFC 5321, 4.5.2)', () => {
    const begun = TEXTS.filter(
      (text) => dotted(filled('Dear {{firstName}}, hello', text)).length > 0,
    )
    expect(begun).toEqual([])
  })

  it('is decoded to the same text', async () => {
    for (const text of TEXTS) {
      const { text: read } = await PostalMime.parse(filled('Dear {{firstName}}, hello', text))
      expect(read?.trim()).toBe(`Dear ${text}, hello`)
    }
  })
})

describe('a text of any length before a value', () => {
  it('leaves no line longer than quoted-printable allows (RFC 2045)', () => {
    expect(
      TEXTS.filter((text) => tooLong(filled(`${text}{{firstName}}, hello`, 'Ada')).length > 0),
    ).toEqual([])
  })

  it('starts no line with a dot', () => {
    const begun = TEXTS.filter(
      (text) => dotted(filled(`${text}{{firstName}}, hello`, 'Ada')).length > 0,
    )
    expect(begun).toEqual([])
  })

  it('is decoded to the same text', async () => {
    for (const text of TEXTS) {
      const { text: read } = await PostalMime.parse(filled(`${text}{{firstName}}, hello`, 'Ada'))
      expect(read?.trim()).toBe(`${text}Ada, hello`)
    }
  })
})
