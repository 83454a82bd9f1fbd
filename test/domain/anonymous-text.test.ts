import { expect, it } from 'vitest'
import { anonymousLine, anonymousText } from '../../src/domain/anonymous-text.ts'

it.each([
  ['Good morning{{#if firstName}}, {{firstName}}{{/if}}.', 'Good morning.'],
  ['<p>{{fields.goal or <em>All</em>}}: {{fields.goal}}.</p>', '<p><em>All</em>: .</p>'],
  [
    '{{#if firstName}}{{#if fields.a}}A{{else}}B{{/if}}{{else}}C\n{{#if fields.a}}D{{else}}E{{/if}}{{/if}}',
    'C\nE',
  ],
  ['{{ x }} {{#if}}', '{{ x }} {{#if}}'],
  [
    '\\{{fields.a}} \\{{fields.a or b}} {{#if fields.a}}A{{else}}\\{{#if x}}{{/if}}',
    '\\{{fields.a}} \\{{fields.a or b}} \\{{#if x}}',
  ],
])('%s is shown to a visitor as %s', (text, said) => {
  expect(anonymousText(text)).toBe(said)
})

it('a line has its escapes resolved, too', () => {
  expect(anonymousLine('\\{{fields.a}}{{#if firstName}}, {{firstName}}{{/if}}')).toBe(
    '{{fields.a}}',
  )
})
