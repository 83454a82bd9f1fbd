/** A course's own fields, as its forms show and send them. */
import {
  type FieldValues,
  inputNameOf,
  maxLengthOf,
  type OwnField,
  YES,
} from '../../domain/own-fields.ts'
import type { FieldFaults } from '../../domain/problem.ts'
import type { Locale } from '../../locales/locale.ts'
import { localizedMessage } from '../shared/problems.ts'

/** What was sent, as text, by each field's name in the form. */
export type OwnValues = Readonly<Record<string, string>>

/** Returns the values of own fields, whatever was sent: missing ones are empty. */
export const ownValues = (
  fields: readonly OwnField[],
  body: Readonly<Record<string, unknown>>,
): OwnValues =>
  Object.fromEntries(
    fields.map(inputNameOf).map((input) => {
      const sent = body[input]
      return [input, typeof sent === 'string' ? sent : '']
    }),
  )

/** The same for stored answers. */
export const valuesOf = (fields: readonly OwnField[], answers: FieldValues): OwnValues =>
  Object.fromEntries(fields.map((field) => [inputNameOf(field), answers[field.name] ?? '']))

/**
 * Returns how much of each field may be given back, in UTF-16 units: as much as a valid one holds,
 * and some more.
 */
export const ownLimits = (fields: readonly OwnField[]): Readonly<Record<string, number>> =>
  Object.fromEntries(fields.map((field) => [inputNameOf(field), maxLengthOf(field) + 10]))

interface Shown {
  readonly values: OwnValues
  readonly faults: FieldFaults
  /** What distinguishes the form from others on its page. */
  readonly key: string
  /** Previous answers: a removed choice remains available to a reader who has chosen it. */
  readonly before?: FieldValues
  readonly locale: Locale
}

/** Returns the data of the template `own-fields`. */
export const ownFieldViews = (
  fields: readonly OwnField[],
  { values, faults, key, before = {}, locale }: Shown,
) =>
  fields.map((field) => {
    const input = inputNameOf(field)
    const fault = faults[input]
    const value = values[input] ?? ''
    return {
      input,
      id: `${input}-${key}`,
      label: field.label,
      required: field.required,
      text: field.type === 'text',
      tick: field.type === 'yes/no',
      most: maxLengthOf(field),
      value,
      ticked: value === YES,
      options: choicesOf(field, before[field.name]).map((choice) => ({
        choice,
        chosen: choice === value,
      })),
      fault: fault ? localizedMessage(fault, locale) : '',
    }
  })

function choicesOf(field: OwnField, before: string | undefined): readonly string[] {
  if (field.type !== 'choice') return []
  return before && !field.choices.includes(before) ? [...field.choices, before] : field.choices
}
