import { load } from 'cheerio'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rawOf } from '../../../src/mail/mail.ts'
import { compose } from '../../../src/mail/message/compose.ts'
import { headerLine } from '../../../src/mail/message/headers.ts'
import { compile } from '../../../src/mail/render/compile.ts'
import {
  CONTENTS,
  composed,
  course,
  HOSTILE_NAMES,
  lessonWith,
  letterhead,
  reader,
  SENDER,
  STAMP,
  templates,
} from '../make.ts'

const lesson = await lessonWith({ subject: 'A word for {{firstName}}' })
const welcome = await compile(
  { kind: 'welcome', series: course, letter: course.welcome },
  templates,
  letterhead,
)
const plainMail = await composed(lesson)

/** Runs of white space count as one space, as on a page. */
const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim()
const greetingIn = (html: string) => squeezed(load(html)('.prose p').first().text())

describe.each(CONTENTS)('the text of a $kind', (content) => {
  const mail = compile(content, templates, letterhead).then(composed)

  it('contains every link of the HTML', async () => {
    const { html, text } = await mail
    const links = load(html)('a')
      .toArray()
      .map(({ attribs }) => attribs.href)
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter((link) => !link || !text.includes(link))).toEqual([])
  })

  it('contains the postal address, and no HTML or template syntax', async () => {
    const { text } = await mail
    expect(text).toContain('1 Test Lane, Testville')
    expect(text).not.toMatch(/&(#\d+|#x[\da-f]+|[a-z]+);|<\/?[a-z]+[ >]|\{\{/i)
  })

  it('says what the HTML says', async () => {
    const { html, text } = await mail
    const said = squeezed(text)
    const paragraphs = load(html)('.prose p')
      .toArray()
      .map((one) => squeezed(load(one).text()))
    const plainly = (one: string) => one.replace(/[*_]/g, '').replace(/[.:]$/, '')
    expect(paragraphs.filter((one) => !plainly(said).includes(plainly(one)))).toEqual([])
  })
})

describe('a hostile first name', () => {
  it.each(HOSTILE_NAMES)('that is %s is plain text in the HTML', async (_, firstName) => {
    const { html } = await composed(lesson, { firstName })
    const [named, plain] = [load(html), load(plainMail.html)]
    const markup = ['script', 'b', 'img', 'a', 'p', 'td', '[onerror]']
    expect(markup.map((one) => named(one).length)).toEqual(markup.map((one) => plain(one).length))
    expect(greetingIn(html)).toBe(squeezed(`Dear ${firstName.replace('\u0000', ' ')},`))
  })

  it.each(HOSTILE_NAMES)('that is %s is unchanged in subject and text', async (_, firstName) => {
    const { subject, text } = await composed(lesson, { firstName })
    expect(squeezed(subject)).toBe(squeezed(`A word for ${firstName.replace('\u0000', ' ')}`))
    expect(squeezed(text)).toContain(squeezed(`Dear ${firstName.replace('\u0000', ' ')},`))
  })
})

describe('a value filled in for a reader', () => {
  it('appears in both parts, and is escaped only in the HTML', async () => {
    const firstMail = 'Saturday, "the 20th" & on'
    const { html, text } = await composed(welcome, { firstMail })
    expect(squeezed(load(html)('body').text())).toContain(firstMail)
    expect(html).not.toContain(firstMail)
    expect(text).toContain(firstMail)
  })

  it('cannot end the attribute of a link', async () => {
    const unsubscribeUrl = 'https://courses.example/u/"><script>alert(1)</script>?a=1&b=2'
    const { html, text } = await composed(welcome, { unsubscribeUrl })
    const $ = load(html)
    expect($('script')).toHaveLength(0)
    expect($('a').last().attr('href')).toBe(unsubscribeUrl)
    expect(text).toContain(unsubscribeUrl)
  })

  const names = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 90 }),
    fc
      .array(fc.constantFrom(' ', '.', '=', '?', '_', '\t', 'é', '🌅', 'A', '\uE000', '-'), {
        minLength: 1,
        maxLength: 200,
      })
      .map((all) => all.join('')),
  )

  it('is decoded from the mail to the same text', async () => {
    await fc.assert(
      fc.asyncProperty(
        names.map(headerLine).filter((name) => name !== ''),
        async (firstName) => {
          const { html, text } = await composed(lesson, { firstName })
          expect(text).toContain(`Dear ${firstName},`)
          expect(load(html)('.prose p').first().text()).toBe(`Dear ${firstName},`)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('leaves the bytes in the form that SMTP and DKIM need', () => {
    fc.assert(
      fc.property(names, (firstName) => {
        const raw = rawOf(compose(lesson, reader({ firstName }), STAMP, SENDER))
        const [, ...body] = raw.toString('latin1').split('\r\n\r\n')
        // Relaxed canonicalization (RFC 6376, 3.4.4) has nothing to change.
        const bad = body
          .join('\r\n\r\n')
          .split('\r\n')
          .filter((line) => /[^\x20-\x7e]| {2}| $/.test(line))
        expect(bad).toEqual([])
        expect(body.at(-1)).toMatch(/[^\r\n]\r\n$/)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a mail', () => {
  it('is byte for byte the same each time it is composed', () => {
    const again = () => rawOf(compose(lesson, reader(), STAMP, SENDER))
    expect(again()).toEqual(again())
  })

  it('has the reader and the sender in its envelope', () => {
    expect(compose(lesson, reader(), STAMP, SENDER).envelope).toEqual({
      from: 'morning@courses.example',
      to: 'ada@example.com',
    })
  })

  it('has no control character in its subject', () => {
    const all = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).join('a')
    const { subject } = compose(lesson, reader({ firstName: `${all}\u2028\u2029` }), STAMP, SENDER)
    expect(subject.match(/\p{Cc}|\u2028|\u2029/gu) ?? []).toEqual([])
  })
})
