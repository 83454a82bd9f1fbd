import { expect, it } from 'vitest'
import { forNobody } from '../../src/domain/for-nobody.ts'

it.each([
  ['Good morning{{#if firstName}}, {{firstName}}{{/if}}.', 'Good morning.'],
  ['<p>{{fields.goal or <em>All</em>}}: {{fields.goal}}.</p>', '<p><em>All</em>: .</p>'],
  [
    '{{#if firstName}}{{#if fields.a}}A{{else}}B{{/if}}{{else}}C\n{{#if fields.a}}D{{else}}E{{/if}}{{/if}}',
    'C\nE',
  ],
  ['{{ x }} {{#if}}', '{{ x }} {{#if}}'],
])('%s is to a visitor %s', (text, said) => {
  expect(forNobody(text)).toBe(said)
})
