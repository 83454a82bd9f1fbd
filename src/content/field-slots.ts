/** Slots for own fields: {{fields.goal}}, {{fields.goal or …}}, {{#if fields.goal}}. */

import { anonymousText } from '../domain/anonymous-text.ts'
import type { Faults } from '../domain/finding.ts'
import type { OwnField } from '../domain/own-fields.ts'
import { withoutLiterals } from './braces.ts'
import type { TextFile } from './front-matter.ts'

const FIELD_SLOT = /\{\{(#if )?fields\.(\w+)( or [^{}]+)?\}\}/g

/** Adds a fault for each slot of an unknown field, or of a yes/no field outside an `if`. */
export function checkFieldSlots(
  texts: readonly TextFile[],
  fields: readonly OwnField[],
  faults: Faults,
) {
  const known = fields.map(({ name }) => name).join(', ') || 'none yet'
  for (const { file, text } of texts) {
    if (!text.includes('{{')) continue
    for (const [index, line] of withoutLiterals(file, text).split('\n').entries()) {
      for (const { 0: slot, 1: isIf, 2: name = '', index: at } of line.matchAll(FIELD_SLOT)) {
        const add = (what: string) =>
          faults.add(file, index + 1, what, { column: at + 1, rule: 'slot' })
        const field = fields.find((ownField) => ownField.name === name)
        if (!field)
          add(`contains ${slot}, but the fields of course.yaml are ${known}; add ${name} there`)
        else if (field.type === 'yes/no' && !isIf)
          add(`contains ${slot}, which is yes or no; write {{#if fields.${name}}}…{{else}}…{{/if}}`)
      }
    }
  }
}

interface Greeting {
  readonly data: { readonly greeting?: string | undefined }
  readonly lineOf: (key: 'greeting') => number
}

/** Only a missing first name may leave a greeting empty; adds a fault if a missing answer would. */
export function checkGreeting(file: string, { data, lineOf }: Greeting, faults: Faults) {
  const { greeting = '' } = data
  if (/\{\{#if fields\./.test(greeting) && anonymousText(greeting).trim() === '')
    faults.add(
      file,
      lineOf('greeting'),
      'greeting: is empty for readers who gave no answer; write {{fields.… or …}}, or words for them after {{else}}',
    )
}
