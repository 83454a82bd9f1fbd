import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DELIVERY_KINDS } from '../../../src/domain/delivery.ts'
import { english } from '../../../src/locales/locale.ts'
import { layoutOf } from '../../../src/mail/render/compile.ts'
import { compileSlots, loadTemplates } from '../../../src/mail/render/templates.ts'
import { folder } from '../../content/folder.ts'
import { course, letterhead, TEMPLATES, templates } from '../make.ts'

describe('the shipped templates', () => {
  /** A mail sent again has the layout of its original. */
  const LAYOUTS = DELIVERY_KINDS.filter((kind) => kind !== 'again')

  it.each(LAYOUTS)('have a layout and a text for a %s', (kind) => {
    expect(() => [templates.mjml(kind), templates.text(kind)]).not.toThrow()
  })

  it('have one text template for every layout, and no others', async () => {
    const names = await readdir(TEMPLATES)
    // Mails about comments are no deliveries.
    const kinds = [...LAYOUTS, 'answers', 'moderation'].toSorted()
    expect(names.filter((name) => name.endsWith('.mjml')).sort()).toEqual(
      kinds.map((kind) => `${kind}.mjml`),
    )
    expect(names.filter((name) => name.endsWith('.txt')).sort()).toEqual(
      kinds.map((kind) => `${kind}.txt`),
    )
  })

  it('leave personal values for the second pass', async () => {
    const files = (await readdir(TEMPLATES, { recursive: true })).filter((name) =>
      /\.(mjml|txt)$/.test(name),
    )
    // In a sentence, a slot may be a parameter, in quotes.
    const personal =
      /(?<!\\| (?:name|asked|date|address|url)=")\{\{#?(if )?(firstName|enrolledOn|asked|firstMail|otherAddress|\w+Url)\b(?<!siteUrl)/
    for (const file of files)
      expect(await readFile(join(TEMPLATES, file), 'utf8')).not.toMatch(personal)
  })

  it('throw an error that names a missing template', () => {
    expect(() => templates.mjml('goodbye')).toThrow('templates/mail has no goodbye')
    expect(() => templates.text('goodbye')).toThrow('templates/mail has no goodbye')
  })
})

describe('a template folder', () => {
  const files = {
    'note.mjml': '{{title}} {{{title}}} {{> mark}}',
    'note.txt': '{{title}} {{> mark}}',
    'partials/mark.mjml': '[{{title}}]',
    'partials/mark.txt': '({{title}})',
    'notes.md': 'not a template',
  }

  it('has its values escaped for HTML in layouts but not in texts', async () => {
    await using made = await folder(files)
    const { mjml, text } = await loadTemplates(made.path)
    expect(mjml('note')({ title: 'Tom & <Ann>' }, english)).toBe(
      'Tom &amp; &lt;Ann&gt; Tom & <Ann> [Tom &amp; &lt;Ann&gt;]',
    )
    expect(text('note')({ title: 'Tom & <Ann>' }, english)).toBe('Tom & <Ann> (Tom & <Ann>)')
  })

  it('is an error, not a blank, where a value is missing, even in a partial', async () => {
    const bare = {
      'bare.mjml': '{{title}}',
      'bare.txt': '{{title}}',
      'marked.mjml': '{{> mark}}',
      'marked.txt': '{{> mark}}',
    }
    await using made = await folder({ ...files, ...bare })
    const { mjml, text } = await loadTemplates(made.path)
    for (const name of ['bare', 'marked']) {
      expect(() => mjml(name)({}, english)).toThrow(/"title" not defined/)
      expect(() => text(name)({}, english)).toThrow(/"title" not defined/)
    }
  })

  it('keeps a slot for the second pass unchanged', async () => {
    await using made = await folder({ ...files, 'note.txt': 'Dear \\{{firstName}}, {{title}}' })
    const { text } = await loadTemplates(made.path)
    expect(text('note')({ title: 'T', firstName: 'never' }, english)).toBe('Dear {{firstName}}, T')
  })
})

describe('slots', () => {
  const inHtml = (source: string, data: object) => compileSlots(source, { noEscape: false })(data)
  const inText = (source: string, data: object) => compileSlots(source, { noEscape: true })(data)

  it('are escaped in HTML but not in text', () => {
    expect(inHtml('{{firstName}}', { firstName: '<b>"\'&' })).toBe('&lt;b&gt;&quot;&#x27;&amp;')
    expect(inText('{{firstName}}', { firstName: '<b>"\'&' })).toBe('<b>"\'&')
  })

  it('are filled with a value as it is, even if it contains slots', () => {
    expect(inText('{{firstName}}', { firstName: '{{unsubscribeUrl}}', unsubscribeUrl: 'x' })).toBe(
      '{{unsubscribeUrl}}',
    )
  })

  it('can be conditional on a value', () => {
    const source =
      '{{#if firstName}}Dear {{firstName}}{{else}}Hello{{/if}}{{#unless firstName}}!{{/unless}}'
    expect([inText(source, { firstName: 'Ada' }), inText(source, { firstName: '' })]).toEqual([
      'Dear Ada',
      'Hello!',
    ])
  })

  it('are an error when they have no value', () => {
    expect(() => inHtml('{{lastName}}', { firstName: 'Ada' })).toThrow(/"lastName" not defined/)
    expect(() => inText('{{lastName}}', { firstName: 'Ada' })).toThrow(/"lastName" not defined/)
  })

  it.each(['{{shout firstName}}', '{{> partial}}'])('have no helpers or partials: %s', (source) => {
    expect(() => inText(source, { firstName: 'Ada' })).toThrow()
  })

  it.each(['constructor', '__proto__'])('do not show inherited properties: %s', (name) => {
    expect(inText(`[{{${name}}}]`, { firstName: 'Ada' })).toBe('[]')
  })

  it('support only plain values, `if` and `unless`', () => {
    const others = [
      '{{#each firstName}}x{{/each}}',
      '{{#with firstName}}x{{/with}}',
      '{{lookup this "firstName"}}',
      '{{log firstName level="debug"}}',
    ]
    const read = others.filter((source) => {
      try {
        return inText(source, { firstName: 'Ada' }) !== undefined
      } catch {
        return false
      }
    })
    expect(read).toEqual([])
  })
})

it('a site’s links appear in both parts of a mail, and without any there is nothing', () => {
  const content = { kind: 'link', series: course } as const
  const links = { imprint: 'https://a.example/imprint', privacy: 'https://a.example/?a&b' }
  const [bare, linked] = [letterhead, { ...letterhead, ...links }].map((one) =>
    layoutOf(content, templates, one),
  )
  expect(linked?.text.replace(bare?.text ?? '', '')).toBe(
    `\nLegal notice: ${links.imprint}\nPrivacy: ${links.privacy}`,
  )
  expect(linked?.mjml).toContain(
    `<a href="${links.imprint}">Legal notice</a><br><a href="https://a.example/?a&amp;b">`,
  )
  expect(bare?.mjml).not.toMatch(/Legal notice|Privacy/)
})
