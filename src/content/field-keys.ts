/** The own fields of a course, as written in course.yaml. */
import { z } from 'zod'
import { isFieldName, maxLengthOf, type OwnField } from '../domain/own-fields.ts'

const MAX_FIELDS = 12
const MAX_CHOICES = 30
/** Default limit of an answer, in characters. */
const DEFAULT_MAX_LENGTH = 100
/**
 * Limit of all answers together: a redisplayed form carries its values in the URL, which has to
 * stay short.
 */
const MAX_TOTAL_LENGTH = 600
/** Slots with another meaning, and properties of every JavaScript object. */
const isReserved = (name: string) => /^(firstName|name|email|address)$/.test(name) || name in {}

const TYPES = ['text', 'choice', 'yes/no'] as const
const NAMES = 'must be fields by their names, like goal with a label below it'
const NAME = 'is not a usable name; use letters and digits, like goal or favoriteColor'
const flag = z.boolean({ error: 'must be true or false' })

/** `line` reads one line of text with at most `max` characters. */
export function fieldKeys(line: (max: number) => z.ZodType<string, string>) {
  const field = z.strictObject(
    {
      label: line(140).describe('The question, as the form asks it.'),
      type: z
        .enum(TYPES, { error: 'must be text, choice or yes/no' })
        .default('text')
        .describe('text (the default), choice or yes/no.'),
      required: flag.default(false).describe('true: nobody enrolls without an answer.'),
      most: z
        .int({ error: 'must be a number of characters' })
        .min(1, 'must be at least 1')
        .max(200, 'must be at most 200')
        .exactOptional()
        .describe('The most characters of a text; 100 by default.'),
      choices: z
        .array(line(80), { error: 'must be a list, like [beginner, advanced]' })
        .min(2, 'must be at least two')
        .max(MAX_CHOICES, `must be at most ${MAX_CHOICES}`)
        .refine((choices) => new Set(choices).size === choices.length, 'names a choice twice')
        .exactOptional()
        .describe('What can be chosen.'),
    },
    { error: 'must have a label below it' },
  )
  return z
    .record(z.string(), field, { error: NAMES })
    .superRefine((fields, context) => {
      for (const [path, message] of faultsIn(Object.entries(fields)))
        context.addIssue({ code: 'custom', path: [...path], message })
    })
    .transform((fields) => Object.entries(fields).map(ownField))
    .exactOptional()
    .describe(
      'What its form asks besides the name: texts show the answer to goal with {{fields.goal}}.',
    )
}

type Written = Omit<OwnField, 'name' | 'most' | 'choices'> & {
  readonly most?: number
  readonly choices?: readonly string[]
}

function* faultsIn(fields: readonly (readonly [string, Written])[]) {
  if (fields.length > MAX_FIELDS)
    yield [[], `are more than ${MAX_FIELDS}; ask less of your readers`] as const
  const together = fields.reduce((sum, field) => sum + maxLengthOf(ownField(field)), 0)
  if (together > MAX_TOTAL_LENGTH)
    yield [
      [],
      `allow ${together} characters together, but ${MAX_TOTAL_LENGTH} is the limit; give them less, like most: 60`,
    ] as const
  for (const [name, { type, required, most, choices }] of fields) {
    if (!isFieldName(name)) yield [[name], NAME] as const
    else if (isReserved(name)) yield [[name], 'is a reserved name; choose another'] as const
    if (type === 'choice' && !choices)
      yield [
        [name, 'choices'],
        'is missing; list what can be chosen, like [beginner, advanced]',
      ] as const
    if (type !== 'choice' && choices)
      yield [[name, 'choices'], 'only fits type: choice; add that, or remove it'] as const
    if (type !== 'text' && most !== undefined)
      yield [[name, 'most'], 'only fits a text; remove it'] as const
    if (type === 'yes/no' && required)
      yield [
        [name, 'required'],
        'does not fit yes/no, which means no when it is not ticked; remove it',
      ] as const
  }
}

function ownField([
  name,
  { label, type, required, most = DEFAULT_MAX_LENGTH, choices = [] },
]: readonly [string, Written]): OwnField {
  const basics = { name, label, required }
  if (type === 'text') return { ...basics, type, most }
  return type === 'choice' ? { ...basics, type, choices } : { ...basics, type }
}
