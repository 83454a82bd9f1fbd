/**
 * Own fields of a course: what its form asks besides the name. The answers belong to the
 * enrollment; a text shows them by `{{fields.goal}}`.
 */
import type { Message } from '../locales/locale.ts'
import { type LineFault, readLine } from './plain-line.ts'
import type { FieldFaults } from './problem.ts'

interface Basics {
  /** Its name in texts, forms and the ledger. */
  readonly name: string
  /** The question, as the form asks it. */
  readonly label: string
  readonly required: boolean
}

export type OwnField = Basics &
  (
    | { readonly type: 'text'; readonly most: number }
    | { readonly type: 'choice'; readonly choices: readonly string[] }
    | { readonly type: 'yes/no' }
  )

/** Answers by field name; empty ones are omitted. */
export type FieldValues = Readonly<Record<string, string>>

/** Whether a text is a valid field name. */
export const isFieldName = (text: string) => /^[a-z][a-zA-Z0-9]{0,39}$/.test(text)

/** The answer of a ticked yes/no field; no is empty. */
export const YES = 'yes'

/** Name of a field in the submitted form. */
export const inputNameOf = ({ name }: Pick<OwnField, 'name'>) => `fields.${name}`

/** Returns the answers to the given fields. */
export const answersTo = (fields: readonly OwnField[], values: FieldValues): FieldValues =>
  nonEmptyAnswers(fields.map(({ name }) => [name, values[name] ?? '']))

const nonEmptyAnswers = (entries: readonly (readonly [string, string])[]): FieldValues =>
  Object.fromEntries(entries.filter(([, value]) => value !== ''))

/** Returns the most characters that a field accepts. */
export function maxLengthOf(field: OwnField): number {
  if (field.type === 'text') return field.most
  return field.type === 'choice'
    ? Math.max(0, ...field.choices.map(({ length }) => length))
    : YES.length
}

export type ReadAnswers = { readonly values: FieldValues } | { readonly fields: FieldFaults }

interface SubmittedAnswers {
  /** What was submitted, by the form's name of each field. */
  readonly body: Readonly<Record<string, unknown>>
  /**
   * Previous answers, if any: a field that has since become required may stay empty, and a choice
   * that is no longer offered may stay.
   */
  readonly before?: FieldValues
}

/** Reads the answers to all fields of a course, or returns what is wrong, field by field. */
export function readAnswers(
  fields: readonly OwnField[],
  { body, before }: SubmittedAnswers,
): ReadAnswers {
  const faults: Record<string, Message> = {}
  const values = fields.map((field) => {
    const sent = body[inputNameOf(field)]
    const was = before?.[field.name] ?? ''
    const read = readAnswer(field, typeof sent === 'string' ? sent : '', was)
    if ('fault' in read) faults[inputNameOf(field)] = read.fault
    const value = 'value' in read ? read.value : ''
    if (!value && !('fault' in read) && field.required && (!before || was))
      faults[inputNameOf(field)] = { key: 'form.own.missing' }
    return [field.name, value] as const
  })
  return Object.keys(faults).length > 0 ? { fields: faults } : { values: nonEmptyAnswers(values) }
}

/** Reads one answer, which may be empty. `was` may stay, whatever the field allows now. */
export function readAnswer(
  field: OwnField,
  text: string,
  was = '',
): { value: string } | { fault: Message } {
  if (field.type === 'yes/no') return { value: text === YES ? YES : '' }
  if (text === was) return { value: was }
  if (field.type === 'choice')
    return text === '' || field.choices.includes(text)
      ? { value: text }
      : { fault: { key: 'form.own.not-a-choice' } }
  const read = readLine(text, field.most)
  return 'line' in read ? { value: read.line } : { fault: FAULTS[read.fault](field.most) }
}

const FAULTS: Readonly<Record<LineFault, (most: number) => Message>> = {
  'too-long': (most) => ({ key: 'form.own.too-long', params: { most } }),
  'several-lines': () => ({ key: 'form.own.several-lines' }),
  'has-link': () => ({ key: 'form.own.has-link' }),
}

/** Returns sample answers to try mails with. `text` makes up the answer to a text field. */
export const sampleAnswers = (
  fields: readonly OwnField[],
  text = (name: string) => `‹${name}›`,
): FieldValues =>
  Object.fromEntries(
    fields.map((field) => [
      field.name,
      field.type === 'yes/no'
        ? YES
        : field.type === 'choice'
          ? (field.choices[0] ?? '')
          : text(field.name),
    ]),
  )
