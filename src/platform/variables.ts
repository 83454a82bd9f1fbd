/** What a variable of the environment may be: schemas for the kinds of which there are several. */
import { z } from 'zod'
import { messageOf } from '../domain/problem.ts'

/** As `read` makes it of its text; what that throws is told as the fault of the variable. */
export const variable = <T>(read: (text: string) => T) =>
  z.string().transform((text, { addIssue }): T => {
    try {
      return read(text)
    } catch (error) {
      addIssue(messageOf(error))
      return z.NEVER
    }
  })

/** For values that cannot be used: `what` tells what is wrong with them, or what to do. */
export function refuse(what: string): never {
  throw new RangeError(what)
}

/** `null` where it is not set. */
export const optional = <T extends z.ZodType>(schema: T) => z.nullable(schema).default(null)

/** A whole number. */
export const whole = ({ least = 0, most }: { readonly least?: number; readonly most: number }) =>
  variable((text) => {
    if (!/^\d+$/.test(text) || Number(text) > most)
      refuse(`cannot use "${text}"; use a whole number from 0 to ${most}`)
    if (Number(text) < least) refuse(`cannot use "${text}"; use at least ${least}`)
    return Number(text)
  })

/** One of these words. */
export const oneOf = <const T extends readonly string[]>(words: T) =>
  z.enum(words, { error: ({ input }) => `cannot use "${input}"; use one of ${words.join(', ')}` })

/** Parts between `separator`, each as `read` makes it of its text. */
export const list = <T>(read: (part: string) => T, separator: RegExp = /[\s,]+/) =>
  z
    .string()
    .transform((text) => text.split(separator).filter((part) => part.trim()))
    .pipe(z.array(variable(read)))
