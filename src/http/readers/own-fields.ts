/** The own fields of a course, as its forms show them and send them. */
import { type FieldValues, inputOf, mostOf, type OwnField, YES } from '../../domain/own-fields.ts'
import type { Fields } from '../../domain/problem.ts'
import type { Locale } from '../../locales/locale.ts'
import { say } from '../shared/problems.ts'

/** What was sent, as text, by what each field is called in the form. */
export type OwnValues = Readonly<Record<string, string>>

/** The values of own fields, whatever was sent: missing ones are empty. */
export const ownValues = (
  fields: readonly OwnField[],
  body: Readonly<Record<string, unknown>>,
): OwnValues =>
  Object.fromEntries(
    fields.map(inputOf).map((input) => {
      const sent = body[input]
      return [input, typeof sent === 'string' ? sent : '']
    }),
  )

/** The same of answers that are kept. */
export const valuesOf = (fields: readonly OwnField[], answers: FieldValues): OwnValues =>
  Object.fromEntries(fields.map((field) => [inputOf(field), answers[field.name] ?? '']))

/** What may be given back of each, in UTF-16 units: as much as a good one holds, and some more. */
export const ownLimits = (fields: readonly OwnField[]): Readonly<Record<string, number>> =>
  Object.fromEntries(fields.map((field) => [inputOf(field), mostOf(field) + 10]))

interface Shown {
  readonly values: OwnValues
  readonly faults: Fields
  /** What tells the form from others on its page. */
  readonly key: string
  /** Answers of before: a choice stays on offer for whoever has made it. */
  readonly before?: FieldValues
  readonly locale: Locale
}

/** What the template `own-fields` shows. */
export const ownFieldViews = (
  fields: readonly OwnField[],
  { values, faults, key, before = {}, locale }: Shown,
) =>
  fields.map((field) => {
    const input = inputOf(field)
    const fault = faults[input]
    const value = values[input] ?? ''
    return {
      input,
      id: `${input}-${key}`,
      label: field.label,
      required: field.required,
      text: field.type === 'text',
      tick: field.type === 'yes/no',
      most: mostOf(field),
      value,
      ticked: value === YES,
      options: choicesOf(field, before[field.name]).map((choice) => ({
        choice,
        chosen: choice === value,
      })),
      fault: fault ? say(fault, locale) : '',
    }
  })

function choicesOf(field: OwnField, before: string | undefined): readonly string[] {
  if (field.type !== 'choice') return []
  return before && !field.choices.includes(before) ? [...field.choices, before] : field.choices
}
