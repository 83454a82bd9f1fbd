import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { markdownToHtml } from '../../../src/content/markdown.ts'
import { english } from '../../../src/locales/locale.ts'
import { HOSTILE } from '../../../src/mail/check/samples.ts'
import { editionOf } from '../../../src/mail/render/edition-from-source.ts'
import { readable } from '../../../src/mail/render/readable.ts'
import { composed, lessonWith, reader } from '../make.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l']
const ASKED = NAMES.map(
  (name) => `<p>{{#if fields.${name}}}${name}: {{fields.${name}}}!{{else}}no ${name}{{/if}}</p>`,
).join('\n')
const sizeOf = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0)

describe('own fields', () => {
  it('show the answer or its alternative, whichever of twelve were answered', async () => {
    const edition = await lessonWith({ html: ASKED })
    for (let bits = 0; bits < 4096; bits += 117) {
      const given = NAMES.filter((_, index) => bits & (1 << index))
      const fields = Object.fromEntries(given.map((name) => [name, `é <${name}>`]))
      const { html, text } = await composed(edition, { fields })
      for (const name of NAMES) {
        const isGiven = given.includes(name)
        expect(text.includes(`${name}: é <${name}>!`)).toBe(isGiven)
        expect(html.includes(`${name}: é &lt;${name}&gt;!`)).toBe(isGiven)
        expect(text.includes(`no ${name}\n`)).toBe(!isGiven)
      }
    }
  })

  it('can be nested and combined with a name, and have a short form', async () => {
    const html =
      '<p>{{#if firstName}}{{#if fields.a}}{{firstName}} wants {{fields.a}}{{else}}{{firstName}}, {{fields.b or <em>B</em>}}{{/if}}{{else}}{{#unless fields.a}}Nobody{{/unless}}{{/if}}.</p>'
    const edition = await lessonWith({ html, subject: '{{fields.a or Day one}}' })
    const said = async (firstName: string, fields = {}) => {
      const { text, subject } = await composed(edition, { firstName, fields })
      return `${subject}: ${/^.*\.$/m.exec(text.slice(text.indexOf('\n\n')))?.[0]}`
    }
    expect(await said('Ada', { a: 'peace' })).toBe('peace: Ada wants peace.')
    expect(await said('Ada', { b: 'tea' })).toBe('Day one: Ada, tea.')
    expect(await said('Ada')).toBe('Day one: Ada, _B_.')
    expect(await said('')).toBe('Day one: Nobody.')
  })

  it('can be escaped to be literal text, and work in greetings', async () => {
    const markdown = '`{{fields.a or x}}` \\{{fields.a}} {{fields.a or it}} \\\\{{fields.a or no}}'
    const edition = await lessonWith({
      html: markdownToHtml(markdown, 'en'),
      subject: '\\{{fields.a or x}} {{fields.a or no}}',
      greeting: 'To {{fields.a or all}}:',
    })
    for (const [a, or, no, all] of [
      ['tea', 'tea', 'tea', 'tea'],
      ['', 'it', 'no', 'all'],
    ] as const) {
      const { subject, html, text } = await composed(edition, { firstName: '', fields: { a } })
      const line = `{{fields.a or x}} {{fields.a}} ${or} \\${no}`
      expect(subject).toBe(`{{fields.a or x}} ${no}`)
      expect(load(html)('.prose').text()).toContain(`To ${all}:${line}`)
      expect(text).toContain(`To ${all}:\n\n${line}`)
    }
  })

  it('make a mail only slightly larger, and cost a mail without them nothing', async () => {
    const [none, twelve] = await Promise.all([lessonWith(), lessonWith({ html: ASKED })])
    expect(none.skeleton.fill(reader()).length).toBeLessThan(60)
    expect(sizeOf(twelve.skeleton.fill(reader()))).toBeLessThan(
      sizeOf(none.skeleton.fill(reader())) + 4_000,
    )
  })

  it('are not broken in a table, however long their names', async () => {
    const name = 'aVeryLongNameOfAField'
    const html = `<table><tr><td>{{fields.${name}}} aVeryLongWordOfATable</td></tr></table>`
    const { html: page } = await composed(await lessonWith({ html }), { fields: { [name]: 'x' } })
    expect(page).toMatch(/>x <span style="word-break:break-all">aVeryLongWordOfATable</)
  })

  it.each(HOSTILE)('show an answer %s as an answer and nothing else', async (_, value) => {
    const keys = { html: '<p>You: {{fields.a}}.</p>', subject: 'On {{fields.a}}' }
    const mail = await composed(await lessonWith(keys), { fields: { a: value } })
    const line = value.replace(/\p{Cc}+/gu, ' ').trim()
    expect(mail.subject).toBe(`On ${line}`)
    expect(mail.text).toContain(`You: ${line}.`)
    expect(mail.html).not.toMatch(/<b data-leak|<b>Hello|" data-leak=/)
    const [head = ''] = Buffer.concat([...mail.message])
      .toString('latin1')
      .split('\r\n\r\n')
    expect(head).not.toMatch(/^Bcc:/m)
    expect(head.split('\r\n').every((row) => row.length <= 998)).toBe(true)
  })

  it('do not mistake an answer for one of their internal marks', async () => {
    const edition = await lessonWith({ html: '<p>{{fields.a or none}} {{fields.b or none}}</p>' })
    const a = `\uFDD0${edition.hash} given.b\uFDD1`
    const { text } = await composed(edition, { fields: { a } })
    expect(text).toContain(`${a} none`)
  })

  it('are blank in a stored edition once the course no longer has them', async () => {
    const { series, source } = await lessonWith({
      html: '<p>Gone: {{fields.gone}}{{#if fields.gone}}!{{/if}}.</p>',
      subject: 'Gone {{fields.gone}}',
    })
    const revived = editionOf({ kind: 'lesson', series }, 'a-hash', source())
    expect((await composed(revived)).text).toContain('Gone: .')
    const { subject, html } = readable(source(), reader(), english)
    expect([subject, html.includes('Gone: .')]).toEqual(['Gone ', true])
  })
})
