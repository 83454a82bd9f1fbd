import type { Faults } from '../domain/finding.ts'
import { withoutLiterals } from './braces.ts'
import type { TextFile } from './front-matter.ts'

/**
 * Slots allowed in a text: {{firstName}}, and {{#if firstName}} … {{else}} … {{/if}} around it; and
 * the same for own fields, see field-slots.ts.
 */
const SLOT = /^\{\{(firstName|fields\.\w+( or [^{}]+)?|#if (firstName|fields\.\w+)|else|\/if)\}\}$/
const IF = /^\{\{#if (firstName|fields\.\w+)\}\}$/

/** Adds a fault for each slot that nothing fills. */
export function checkSlots({ file, text }: TextFile, faults: Faults) {
  // True of nearly every text, and finding its code takes as long as reading it.
  if (!text.includes('{{')) return
  let open = 0
  const lines = text.split('\n')
  for (const [index, line] of withoutLiterals(file, text).split('\n').entries()) {
    for (const { 0: slot, index: at } of line.matchAll(/\{\{.*?\}\}|\{\{.*$/g)) {
      if (IF.test(slot)) open += 1
      if (slot === '{{/if}}') open -= 1
      const written = lines[index]?.slice(at + 2, at + slot.length - 2) ?? ''
      const wrong =
        !SLOT.test(slot) ||
        /[{}]|\\$/.test(written) ||
        open < 0 ||
        (slot === '{{else}}' && open === 0)
      if (wrong)
        faults.add(
          file,
          index + 1,
          `contains ${slot}; a text may only contain {{firstName}}, {{fields.…}} and {{#if …}}…{{else}}…{{/if}}. To show braces, write \\{{, or put them into code`,
          { column: at + 1, rule: 'slot' },
        )
    }
  }
  if (open > 0) faults.add(file, 1, 'has an {{#if …}} without its {{/if}}', { rule: 'slot' })
}
