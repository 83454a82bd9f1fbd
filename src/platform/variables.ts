/** Schemas for the kinds of environment variables that occur more than once. */
import { z } from 'zod'
import { messageOf } from '../domain/problem.ts'

/** Parses text with `read`; an error it throws is reported as the variable's fault. */
export const variable = <T>(read: (text: string) => T) =>
  z.string().transform((text, { addIssue }): T => {
    try {
      return read(text)
    } catch (error) {
      addIssue(messageOf(error))
      return z.NEVER
    }
  })

/** Rejects an unusable value; `what` says what is wrong, or what to do. */
export function refuse(what: string): never {
  throw new RangeError(what)
}

/** Makes a setting `null` if it is not set. */
export const optional = <T extends z.ZodType>(schema: T) => z.nullable(schema).default(null)

/** A whole number from `least` to `most`. */
export const whole = ({ least = 0, most }: { readonly least?: number; readonly most: number }) =>
  variable((text) => {
    if (!/^\d+$/.test(text) || Number(text) > most)
      refuse(`cannot use "${text}"; use a whole number from 0 to ${most}`)
    if (Number(text) < least) refuse(`cannot use "${text}"; use at least ${least}`)
    return Number(text)
  })

/** One of `words`. */
export const oneOf = <const T extends readonly string[]>(words: T) =>
  z.enum(words, { error: ({ input }) => `cannot use "${input}"; use one of ${words.join(', ')}` })

/** A list split at `separator`, each part parsed with `read`. */
export const list = <T>(read: (part: string) => T, separator: RegExp = /[\s,]+/) =>
  z
    .string()
    .transform((text) => text.split(separator).filter((part) => part.trim()))
    .pipe(z.array(variable(read)))
