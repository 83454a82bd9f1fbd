import type { Faults } from '../domain/finding.ts'
import { withoutLiterals } from './braces.ts'
import type { Text } from './front-matter.ts'

/**
 * What a text may hold of its reader: {{firstName}}, and {{#if firstName}} … {{else}} … {{/if}}
 * about it.
 */
const SLOT = /^\{\{(firstName|#if firstName|else|\/if)\}\}$/

/** Adds a fault for each slot that nobody will fill. */
export function checkSlots({ file, text }: Text, faults: Faults) {
  let open = 0
  for (const [index, line] of withoutLiterals(file, text).split('\n').entries()) {
    for (const { 0: slot, index: at } of line.matchAll(/\{\{.*?\}\}|\{\{.*$/g)) {
      if (slot === '{{#if firstName}}') open += 1
      if (slot === '{{/if}}') open -= 1
      const wrong = !SLOT.test(slot) || open < 0 || (slot === '{{else}}' && open === 0)
      if (wrong)
        faults.add(
          file,
          index + 1,
          `contains ${slot}; a text may only contain {{firstName}} or {{#if firstName}}…{{/if}}. To show braces, write \\{{, or put them into code`,
          { column: at + 1, rule: 'slot' },
        )
    }
  }
  if (open > 0)
    faults.add(file, 1, 'has an {{#if firstName}} without its {{/if}}', { rule: 'slot' })
}
