/** Faults planted in a rendered mail, each found by its rule. */
import { load } from 'cheerio'
import { describe, expect, it } from 'vitest'
import { findingsOf } from '../../../src/domain/finding.ts'
import { type Rendering, render } from '../../../src/mail/check/rendering.ts'
import { MAIL_RULES } from '../../../src/mail/check/rules.ts'
import { course, lessonOf, templates } from '../../mail/make.ts'

const rendered = await render(
  {
    content: { kind: 'lesson', series: course, lesson: lessonOf(7), companion: null },
    file: 'c/07-x.md',
    line: 1,
  },
  templates,
)

describe('a mail is found to', () => {
  const hostile = (
    change: (html: string, what: string) => string,
    text = (said: string) => said,
  ): Partial<Rendering> => ({
    hostile: rendered.hostile.map((sent) => ({
      ...sent,
      html: change(sent.html, sent.what),
      text: text(sent.text),
    })),
  })
  const withHtml = (html: string): Partial<Rendering> => ({
    sample: { ...rendered.sample, html },
    page: load(html, { xml: { xmlMode: false } }),
  })
  const { fields, raw } = rendered.sample

  it('be sound', () => {
    expect(findingsOf(MAIL_RULES, rendered)).toEqual([])
  })

  it.each<[what: string, changes: Partial<Rendering>, rules: string[]]>([
    [
      'let markup in with a name',
      hostile((html) => html.replaceAll('&lt;b data-leak&gt;', '<b data-leak>')),
      ['changed-name', 'name-as-markup'],
    ],
    [
      'let an attribute in with a name',
      hostile((html) => html.replaceAll('&quot; data-leak&#x3D;', '" data-leak=')),
      ['changed-name', 'name-as-markup'],
    ],
    [
      'fill the slot that is a name',
      hostile((html) =>
        html.replaceAll('{{unsubscribeUrl}}', rendered.sample.reader.unsubscribeUrl),
      ),
      ['changed-name'],
    ],
    ['turn a name around', hostile((html) => html.replaceAll('עדה', 'הדע')), ['changed-name']],
    [
      'cut a name in its text part',
      hostile(
        (html) => html,
        (text) => text.replaceAll('Ad'.repeat(500), 'Ad'),
      ),
      ['changed-name'],
    ],
    [
      'carry a control character',
      hostile((html) => html.replace('Ada Lovelace', 'Ada\u0000Lovelace')),
      ['changed-name', 'control-character'],
    ],
    [
      'carry a field that a name put into it',
      {
        hostile: rendered.hostile.map((sent) => ({
          ...sent,
          fields: [...fields, ['Bcc', 'eve@evil.example'] as const],
        })),
      },
      ['header-injection'],
    ],
    [
      'carry a field twice',
      { nameless: { ...rendered.nameless, fields: [...fields, ['Subject', 'Hello'] as const] } },
      ['header-injection'],
    ],
    [
      'have a line that is too long',
      {
        nameless: { ...rendered.nameless, raw: Buffer.concat([raw, Buffer.from('x'.repeat(999))]) },
      },
      ['long-line'],
    ],
    [
      'lack the header to unsubscribe by',
      {
        sample: {
          ...rendered.sample,
          fields: fields.filter(([name]) => name !== 'List-Unsubscribe'),
        },
      },
      ['header-injection', 'no-unsubscribe'],
    ],
    [
      'show what is not there',
      withHtml(rendered.sample.html.replace('Wilhelmina', 'undefined')),
      ['changed-name', 'lost-text', 'shown-undefined'],
    ],
    [
      'show a slot',
      withHtml(rendered.sample.html.replace('Wilhelmina', '{{name}}')),
      ['changed-name', 'left-slot', 'lost-text'],
    ],
  ])('%s', (_, changes, rules) => {
    const found = findingsOf(MAIL_RULES, { ...rendered, ...changes })
    expect([...new Set(found.map(({ rule }) => rule))].sort()).toEqual(rules)
    expect(new Set(found.map(({ file, line }) => `${file}:${line}`))).toEqual(
      new Set(['c/07-x.md:1']),
    )
  })
})
