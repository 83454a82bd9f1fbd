/** The keys of course.yaml and of front matter: what is read, what is refused, and what editors complete. */
import { z } from 'zod'
import { LATE } from '../domain/course.ts'
import { toHtml, typographic } from './markdown.ts'

/** One message for a key that is not there, another for one that cannot be used. */
const saying =
  (missing: string, wrong: string) =>
  ({ input }: { input?: unknown }) =>
    input === undefined || input === null ? missing : wrong

const line = (max: number) =>
  z
    .string({ error: 'is missing; give one line of text' })
    .trim()
    .min(1, 'is empty; give one line of text')
    .max(max, `is too long; keep it to ${max} characters`)
    .regex(/^[^\r\n]*$/, 'must be a single line')
    .transform(typographic)

export const letterKeys = z.strictObject({
  subject: line(70).describe('The subject of the mail.'),
  preheader: line(140).describe('What mailboxes show after the subject.'),
})
export const lessonKeys = letterKeys.extend({
  minutes: z
    .int({
      error: saying('is missing; give the minutes the practice takes', 'must be a whole number of minutes'),
    })
    .min(1, 'must be at least 1')
    .max(120, 'must be at most 120')
    .describe('How many minutes the practice takes.'),
  question: line(300).describe('A question to write about.'),
  carry: line(140).describe('A line to carry through the day.'),
  aliases: z
    .array(z.string().regex(/^[^/]+$/, 'must be a file name without its number and .md, like a-title'), {
      error: 'must be a list of names, like [an-earlier-title]',
    })
    .default([])
    .describe('Names the file had before, without number and .md, the first one first.'),
  late: z
    .enum(LATE, { error: 'must be send or skip' })
    .default('send')
    .describe('For readers who are past it when it comes into the course: send (the default) or skip.'),
})
const whole = z
  .int({ error: saying('is missing; give a day number', 'must be a day number') })
  .min(1, 'must be a day number, from 1')
const about = {
  title: line(100).describe('The name of the series.'),
  summary: line(200).describe('One line about it: the front page, the course page.'),
  description: z
    .string({ error: 'is missing; tell in Markdown what the series is' })
    .trim()
    .min(1)
    .describe('What it is and for whom, in Markdown.')
    .transform(toHtml),
  author: line(100).describe('Who wrote it.'),
  language: z
    .string({ error: 'is missing; give the language of the texts, like en' })
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, 'must be a language tag like en or pt-BR'),
}
export const courseKeys = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('course'),
      ...about,
      parts: z
        .array(z.strictObject({ title: line(100), from: whole, to: whole, summary: line(200) }))
        .default([]),
    }),
    z.strictObject({ kind: z.literal('daily'), ...about }),
  ],
  { error: 'must be "course" or "daily"' },
)

/** JSON Schemas for editors, as docs/schema keeps them: of course.yaml, of a lesson's front matter, and of a letter's. */
export const schemas = () => ({
  course: schemaOf(courseKeys, 'course.yaml'),
  lesson: schemaOf(lessonKeys, 'Front matter of a lesson'),
  letter: schemaOf(letterKeys, 'Front matter of welcome.md and completion.md'),
})

const schemaOf = (keys: z.ZodType, title: string) => ({ ...z.toJSONSchema(keys, { io: 'input' }), title })
