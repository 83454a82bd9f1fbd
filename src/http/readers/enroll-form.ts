import { z } from 'zod'
import { type Address, parseAddress } from '../../domain/address.ts'
import { ownFieldsOf, type Series } from '../../domain/course.ts'
import { readFirstName } from '../../domain/first-name.ts'
import { type FieldValues, readAnswers } from '../../domain/own-fields.ts'
import type { FieldFaults } from '../../domain/problem.ts'
import { DEFAULT_TIME, type Rhythm, readRhythm, weekdaysOf } from '../../domain/rhythm.ts'
import type { Message } from '../../locales/locale.ts'
import { type OwnValues, ownValues } from './own-fields.ts'

/** What a form sent, as text, to be shown again if something is wrong with it. */
export interface RhythmValues {
  readonly time: string
  readonly zone: string
  readonly weekdays: readonly string[]
}

export interface EnrollValues extends RhythmValues {
  readonly email: string
  readonly name: string
  readonly daily: boolean
  /** The course's own fields. */
  readonly own: OwnValues
}

/**
 * Values of a series' fresh form. Nothing that brings more mail is preselected: silence is not
 * consent (GDPR, recital 32).
 */
export const freshValues = (series: Series): EnrollValues => ({
  email: '',
  name: '',
  time: series.time ?? DEFAULT_TIME,
  zone: '',
  weekdays: weekdaysOf(series).map(String),
  daily: false,
  own: {},
})

export type ParseResult<T> = { readonly ok: T } | { readonly fields: FieldFaults }

const text = z.string().catch('')
const several = z
  .preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(z.string()))
  .catch([])
const rhythmShape = { time: text, zone: text, weekdays: several }
const enrollShape = z.object({ email: text, name: text, daily: text, ...rhythmShape })

/**
 * Returns the values of an enrollment form, whatever was sent: missing ones are empty, files are
 * ignored. Fields that a short form lacks have the values of a fresh form.
 */
export function enrollValues(body: Record<string, unknown>, series: Series): EnrollValues {
  const { time, weekdays } = freshValues(series)
  const { daily, ...values } = enrollShape.parse(isShort(body) ? { time, weekdays, ...body } : body)
  return { ...values, daily: daily === 'yes', own: ownValues(ownFieldsOf(series), body) }
}

/** Whether it comes from a short form: see the templates `embed-form` and `letter-form`. */
export const isShort = (body: Record<string, unknown>) => body.form === 'short'

export const rhythmValues = (body: Record<string, unknown>): RhythmValues =>
  z.object(rhythmShape).parse(body)

export interface EnrollInput {
  readonly address: Address
  readonly firstName: string
  readonly rhythm: Rhythm
  readonly daily: boolean
  readonly fields: FieldValues
}

/** Reads a form, or returns what is wrong, by field. */
export function readEnrollment(values: EnrollValues, series: Series): ParseResult<EnrollInput> {
  const fields: Record<string, Message> = {}
  const email = parseAddress(values.email)
  if ('fault' in email) fields.email = email.fault
  const name = readFirstName(values.name)
  if ('fault' in name) fields.name = name.fault
  const answers = readAnswers(ownFieldsOf(series), { body: values.own })
  if ('fields' in answers) Object.assign(fields, answers.fields)
  const read = readRhythm(values)
  if ('fields' in read) Object.assign(fields, read.fields)
  if ('fault' in email || 'fault' in name || 'fields' in answers || 'fields' in read)
    return { fields }
  const { daily } = values
  const { address } = email
  const { firstName } = name
  return { ok: { address, firstName, rhythm: read.rhythm, daily, fields: answers.values } }
}
