/** No character typed by an author or a reader is mistaken for a link's placeholder. */
import { describe, expect, it } from 'vitest'
import { layoutOf } from '../../../src/mail/render/compile.ts'
import { composed, daily, lessonWith, letterhead, reader, templates } from '../make.ts'

const range = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => String.fromCodePoint(from + index)).join('')
const MARKS = [range(0xe000, 40), range(0xf8f0, 16), range(0xfdd0, 32), '\u{F0000}\u{10FFFD}'].join(
  '',
)

describe('private-use characters', () => {
  it('are kept in a text, a subject and a name, and every link is in its place', async () => {
    const links = (text: string) =>
      Object.values(reader())
        .filter((value): value is string => typeof value === 'string' && value.startsWith('https:'))
        .map((url) => text.split(url).length)
    const html = `<p>So ${MARKS} it is.</p>`
    const [plain, marked] = await Promise.all(
      [{ html: '<p>So it is.</p>' }, { html, subject: `A ${MARKS}` }].map((keys) =>
        lessonWith(keys),
      ),
    )
    if (!plain || !marked) throw new Error('nothing was compiled')
    const usual = await composed(plain)
    const mail = await composed(marked, { firstName: `Ada${MARKS}` })
    expect([links(mail.html), links(mail.text)]).toEqual([links(usual.html), links(usual.text)])
    expect(mail.html).toContain(`So ${MARKS} it is.`)
    expect(mail.html).toContain(`Dear Ada${MARKS},`)
    expect(mail.text).toContain(`So ${MARKS} it is.`)
    expect(mail.subject).toBe(`A ${MARKS}`)
  })
})

describe('the preheader of an inspiration', () => {
  const of = (text: string) => {
    const inspiration = { title: 'One', html: `<p>${text}</p>` }
    return layoutOf({ kind: 'inspiration', series: daily, inspiration }, templates, letterhead)
      .preheader
  }

  it.each(['One short line today.', 'x'.repeat(110), `${'Ten words. '.repeat(9)}So it is.`])(
    'is the text itself when that is short: %s',
    (text) => {
      expect(of(text)).toBe(text)
    },
  )

  it('is cut after a whole word when the text is long', () => {
    expect(of(`${'word '.repeat(30)}end`)).toBe(`${'word '.repeat(22).trim()}…`)
  })

  it.each(['🌅', '👩🏽‍💻', 'e\u0301', '🇩🇪'])('is never cut inside a character: %s', (character) => {
    for (const before of ['', 'x', 'xy', 'xyz']) {
      const cut = of(before + character.repeat(120))
      expect(cut.length).toBeLessThanOrEqual(110)
      const rest = cut.slice(before.length, -1)
      expect(rest).toBe(character.repeat(rest.length / character.length))
    }
  })
})
