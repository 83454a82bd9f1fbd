/**
 * The keys of course.yaml and of front matter: what is read, what is refused, and what editors
 * complete.
 */
import { z } from 'zod'
import { LATE_POLICIES, SLUG } from '../domain/course.ts'
import { WEEKDAYS } from '../domain/rhythm.ts'
import { COLOR } from '../domain/theme.ts'
import { fieldKeys } from './field-keys.ts'
import { isLanguage } from './quotes.ts'
import { courseSchedule, lessonSchedule, letterSchedule } from './schedule-keys.ts'

/** Returns whether the calendar has this date. */
function isDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text).toString() === text
  } catch {
    return false
  }
}

/** Returns one message for a missing key, and another for an unusable value. */
const missingOrWrong =
  (missing: string, wrong: string) =>
  ({ input }: { input?: unknown }) =>
    input === undefined || input === null ? missing : wrong

/** An indented key without anything below it is null. */
export const mapOf = (names: string) =>
  missingOrWrong(`is empty; use some of ${names}`, `must contain some of ${names}`)

/** Lone surrogates, line separators, and control characters other than tabs and line ends. */
const INVALID_CHARACTERS = /(?![\t\r\n])[\p{Cc}\p{Cs}\u2028\u2029]/u
/** A BCP 47 tag, as far as authors need one. */
export const LANGUAGE_TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/
export const LANGUAGE_WANTED = 'must be a language tag like en or pt-BR'

export const line = (max: number) =>
  z
    .string({
      error: missingOrWrong(
        'is missing; write one line of text',
        'must be one line of text; put it in quotes',
      ),
    })
    .trim()
    .min(1, 'is empty; write one line of text')
    .max(max, `is too long; keep it to ${max} characters`)
    .regex(/^[^\r\n]*$/, 'must be a single line')
    // YAML escapes can write what no text file can hold: "\0", "\ud83c".
    .refine((text) => !INVALID_CHARACTERS.test(text), 'contains invalid characters; write it again')
    .overwrite((text) => text.replaceAll('\t', ' '))

const SLUG_WANTED = 'must be the name of a folder: lowercase letters, digits and hyphens'
const ALIAS = 'must be a file name without its number and .md, like a-title'
/** Maximum lengths of the lines of a course, in characters. */
export const MAX_CHARACTERS = { subject: 70, preheader: 140, title: 100 } as const

const greeting = line(200)
  .exactOptional()
  .describe(
    'none for no greeting, or a line of its own, which may hold {{firstName}} and {{fields.goal}}.',
  )
const DATE = 'must be a date like 2027-02-01'
const dateOr = (missing: string) =>
  z
    .string({ error: missingOrWrong(missing, DATE) })
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error: DATE, abort: true })
    .refine(isDate, 'is not a date of the calendar')
export const date = dateOr('is missing; write one like 2027-02-01')
export const publish = dateOr(DATE)
  .exactOptional()
  .describe('The date, in UTC, before which no reader sees it.')
export const draft = z
  .boolean({ error: 'must be true or false' })
  .default(false)
  .describe('true hides it from readers until the line is removed.')

export const letterKeys = z.strictObject({
  subject: line(MAX_CHARACTERS.subject).describe('The subject of the mail.'),
  preheader: line(MAX_CHARACTERS.preheader)
    .exactOptional()
    .describe('What mailboxes show after the subject; by default its first sentence.'),
  greeting,
})
export const lessonKeys = letterKeys.extend({
  minutes: z
    .int({ error: missingOrWrong('is empty; give a number', 'must be a whole number of minutes') })
    .min(1, 'must be at least 1')
    .max(120, 'must be at most 120')
    .exactOptional()
    .describe('How many minutes the practice takes, which is the first heading of level 2.'),
  question: line(300).exactOptional().describe('A question to write about.'),
  carry: line(140).exactOptional().describe('A line to carry through the day.'),
  draft,
  publish,
  aliases: z
    .array(
      z
        .string()
        .normalize('NFC')
        .regex(/^[^/]+$/, ALIAS),
      {
        error: 'must be a list of names, like [an-earlier-title]',
      },
    )
    .default([])
    .describe('Names the file had before, without number and .md, the first one first.'),
  late: z
    .enum(LATE_POLICIES, { error: 'must be send or skip' })
    .default('send')
    .describe('For readers who are already past it when it is added: send (the default) or skip.'),
  ...lessonSchedule,
})
const dayNumber = z
  .int({ error: missingOrWrong('is missing; enter a day number', 'must be a day number') })
  .min(1, 'must be a day number, from 1')
const color = z
  .string({
    error: missingOrWrong(
      'is empty; put the color in quotes, since # starts a comment in YAML',
      'must be a color like "#a3420e"',
    ),
  })
  .regex(COLOR, 'must be a color like "#a3420e": a # and six digits of 0 to 9 and a to f')
  .toLowerCase()
const colors = z
  .strictObject(
    {
      page: color.exactOptional().describe('The background of the page.'),
      card: color.exactOptional().describe('The background of the text.'),
      text: color.exactOptional().describe('The text; small print mixes it with the page.'),
      accent: color.exactOptional().describe('Labels, links, buttons, the line of days.'),
    },
    { error: mapOf('page, card, text and accent') },
  )
  .exactOptional()
export const theme = z
  .strictObject(
    {
      light: colors.describe('Colors of the light scheme; those left out keep their defaults.'),
      dark: colors.describe('Colors of the dark scheme; likewise.'),
      logo: z
        .string({ error: 'must be an absolute https:// address' })
        .regex(
          /^(https:\/\/[^\s{}"<>]+|\/assets\/[a-z0-9-]+\.png)$/,
          'must be an absolute https:// address of an image, or /assets/a-name.png for one of this site',
        )
        .exactOptional()
        .describe(
          'Image for the top of the mail, 160 pixels wide: its address, or /assets/ and a name of this site.',
        ),
      logoAlt: line(100)
        .exactOptional()
        .describe('What the logo says, for people who cannot see it.'),
      footer: line(200).exactOptional().describe('A line above the postal address.'),
    },
    { error: mapOf('light, dark, logo, logoAlt and footer') },
  )
  .refine(({ logo, logoAlt }) => !logo || logoAlt, {
    path: ['logoAlt'],
    error: 'is missing; describe the logo for people who cannot see it',
  })
  .exactOptional()
  .describe('How it looks.')
const WEEKDAY_NAMES = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const
export const weekdays = z
  .array(z.enum(WEEKDAY_NAMES, { error: `must be one of ${WEEKDAY_NAMES.join(', ')}` }), {
    error: 'must be a list of weekdays, like [Monday, Wednesday, Friday]',
  })
  .min(1, 'is empty; name at least one weekday')
  .transform((names) =>
    WEEKDAYS.filter((_, index) => names.some((name) => name === WEEKDAY_NAMES[index])),
  )
  .exactOptional()
  .describe('The weekdays that the form proposes; by default every day.')
/** Folder names of other series. */
const slugs = z
  .array(z.string().regex(SLUG, SLUG_WANTED), {
    error: 'must be a list of folder names, like [a-course]',
  })
  .transform((names) => [...new Set(names)])
  .exactOptional()
const commonKeys = {
  title: line(MAX_CHARACTERS.title).describe('The name of the series.'),
  summary: line(200).describe('One line about it: the front page, the course page.'),
  description: z
    .string({ error: 'is missing; describe the series in Markdown' })
    .trim()
    .min(1)
    .describe('What it is and for whom, in Markdown.'),
  author: line(100).describe('Who wrote it.'),
  language: z
    .string({ error: 'is missing; enter the language of the texts, like en' })
    .regex(LANGUAGE_TAG, { error: LANGUAGE_WANTED, abort: true })
    .refine(isLanguage, LANGUAGE_WANTED)
    .describe('The language of the texts, as a tag of BCP 47, like en or pt-BR.')
    .transform((tag) => Intl.getCanonicalLocales(tag)[0] ?? tag),
  draft: draft.describe(
    'true hides it from readers: it is on no page and in no mail until the line is removed.',
  ),
  publish,
  greeting,
  labels: z
    .strictObject(
      {
        practice: line(60).exactOptional().describe('Above a practice.'),
        minutes: line(20).exactOptional().describe('After the number of minutes.'),
        question: line(60).exactOptional().describe('Above a question.'),
        carry: line(60).exactOptional().describe('Above a line to carry.'),
        did: line(60).exactOptional().describe('On the button that marks a practice as done.'),
      },
      { error: mapOf('practice, minutes, question, carry and did') },
    )
    .exactOptional()
    .describe('Your own labels for the parts of a lesson.'),
  weekdays,
  translations: slugs.describe(
    'The folder names of series that are this one in another language. One side may list them for both.',
  ),
  theme,
}
export const courseKeys = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('course'),
      ...commonKeys,
      ...courseSchedule,
      parts: z
        .array(
          z.strictObject({ title: line(100), from: dayNumber, to: dayNumber, summary: line(200) }),
        )
        .default([]),
      fields: fieldKeys(line),
      clicks: z
        .literal('count', { error: 'must be count; remove it to count nothing' })
        .exactOptional()
        .describe(
          'count: counts which links of its lessons are followed, by readers who agree to it. Nothing by default.',
        ),
      offers: slugs.describe(
        'The folder names of the dailies that are offered beside it; by default those of its language.',
      ),
    }),
    z.strictObject({ kind: z.literal('daily'), ...commonKeys }),
    z.strictObject({ kind: z.literal('letter'), ...commonKeys, ...letterSchedule }),
  ],
  { error: 'must be "course", "daily" or "letter"' },
)

/**
 * Returns the JSON Schemas for editors, as kept in docs/schema: of course.yaml, of a lesson's front
 * matter, and of a letter's.
 */
export const schemas = () => ({
  course: schemaOf(courseKeys, 'course.yaml'),
  lesson: schemaOf(lessonKeys, 'Front matter of a lesson'),
  letter: schemaOf(letterKeys, 'Front matter of welcome.md and completion.md'),
})

export const schemaOf = (keys: z.ZodType, title: string) => ({
  ...z.toJSONSchema(keys, { io: 'input' }),
  title,
})
