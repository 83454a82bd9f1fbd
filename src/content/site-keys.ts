/** The keys of dawnpost.yaml: what is read, what is refused, and what editors complete. */
import { z } from 'zod'
import { readAddress } from '../domain/address.ts'
import { folded } from '../domain/comment-text.ts'
import { isSlug } from '../domain/course.ts'
import { readSender, readUrl } from '../platform/config-values.ts'
import { LANGUAGE_TAG, LANGUAGE_WANTED, line, mapOf, schemaOf, theme, weekdays } from './keys.ts'
import { isLanguage } from './quotes.ts'

const language = z
  .string({ error: LANGUAGE_WANTED })
  .regex(LANGUAGE_TAG, { error: LANGUAGE_WANTED, abort: true })
  .refine(isLanguage, LANGUAGE_WANTED)
  .transform((tag) => Intl.getCanonicalLocales(tag)[0] ?? tag)

const PLACE = 'must be an https:// address, or a path like /imprint'
const place = line(2_000)
  .regex(/^(https:\/\/[^\s"<>]+|\/(?!\/)[^\s"<>]*)$/, PLACE)
  .exactOptional()

/** Words for every language of the site, or for each one separately. */
const worded = <Words extends z.ZodType>(words: Words, what: string) =>
  z.union(
    [
      words,
      z.record(language, words).refine((byLanguage) => Object.keys(byLanguage).length > 0, what),
    ],
    {
      error: what,
    },
  )

const TIME = 'must be a time like "07:00", in quotes'

const isWebAddress = (text: string) => {
  try {
    return readUrl(text, 'http', 'https') !== ''
  } catch {
    return false
  }
}

const comments = z.strictObject(
  {
    closed: z
      .boolean({ error: 'must be true or false' })
      .default(false)
      .describe('true: no new comments are accepted; existing ones stay.'),
    moderators: z
      .array(
        line(300).refine(
          (text) => readAddress(text) !== null,
          'must be an email address like ada@example.com',
        ),
        { error: 'must be a list of email addresses, like [ada@example.com]' },
      )
      .max(50, 'has more than 50 addresses')
      .default([])
      .describe('Who gets a daily mail with the comments that wait, and decides about them.'),
    words: z
      .array(
        line(100).refine(
          (text) => folded(text) !== '',
          'must have a letter or a digit: it is looked for as a word',
        ),
        { error: 'must be a list of words, like [casino, "easy money"]' },
      )
      .max(1_000, 'has more than 1,000 words')
      .default([])
      .describe('Words and phrases that make a comment wait for a moderator.'),
  },
  { error: mapOf('closed, moderators and words') },
)

export const siteKeys = z
  .strictObject({
    name: line(60).exactOptional().describe('The name of the site, on pages and in mails.'),
    tagline: worded(
      line(200),
      'must be one line of text, or one for each language, like {en: …, de: …}',
    )
      .exactOptional()
      .describe('One line about it, on the front page; or one for each language, by its tag.'),
    language: language
      .default('en')
      .describe('The language of the site, as a tag of BCP 47, like en or pt-BR.'),
    languages: z
      .array(language, { error: 'must be a list of languages, like [en, de]' })
      .default([])
      .describe('The languages that visitors can choose from; by default only the one above.'),
    theme: theme.describe(
      'How pages outside a course look, and courses without a theme of their own.',
    ),
    footer: worded(
      z.array(line(300)),
      'must be a list of lines, each beginning with "- ", or such a list for each language',
    )
      .default([])
      .describe('Lines at the foot of every page; or those of each language, by its tag.'),
    links: z
      .strictObject(
        {
          imprint: place.describe('Who is behind the site.'),
          privacy: place.describe('What happens to the data of readers.'),
        },
        { error: mapOf('imprint and privacy') },
      )
      .default({})
      .describe(
        'Pages of your own, an https:// address or a path: at the foot of every page and mail.',
      ),
    url: line(300)
      .refine(isWebAddress, 'must be an address like https://courses.example.com')
      .exactOptional()
      .describe('Where readers find the site; PUBLIC_URL in the environment wins.'),
    sender: line(300)
      .refine(
        (text) => readSender(text) !== null,
        'must be a sender like "Ada <ada@example.com>", in quotes',
      )
      .exactOptional()
      .describe('The sender of all mail; MAIL_FROM in the environment wins.'),
    replyTo: line(300)
      .refine((text) => readAddress(text) !== null, 'must be an email address like ada@example.com')
      .exactOptional()
      .describe('Where replies to lessons go; REPLY_TO in the environment wins.'),
    postalAddress: line(300)
      .exactOptional()
      .describe(
        'Appears in every mail, as the law requires; POSTAL_ADDRESS in the environment wins.',
      ),
    rhythm: z
      .strictObject(
        {
          time: z
            .string({ error: TIME })
            .regex(/^([01]\d|2[0-3]):[0-5]\d$/, TIME)
            .exactOptional()
            .describe('The hour that forms propose; 07:00 by default.'),
          weekdays: weekdays.describe(
            'The weekdays that forms propose where the course names none; every day by default.',
          ),
        },
        { error: mapOf('time and weekdays') },
      )
      .default({})
      .describe('What forms propose. Each reader chooses for themselves.'),
    front: z
      .array(z.string().refine(isSlug, 'must be the name of a folder in courses'), {
        error: 'must be a list of names of courses, like [morning-pages, evening-pages]',
      })
      .exactOptional()
      .describe('The courses and dailies that the front page shows, in order; all by default.'),
    organizations: z
      .array(line(100), { error: 'must be a list of names, like [The editors]' })
      .exactOptional()
      .describe(
        'Authors of articles that are organizations, for search engines; the name of the site always counts as one.',
      ),
    comments: comments.exactOptional().describe('Comments of members under articles.'),
  })
  .transform(({ languages, ...keys }) => ({
    ...keys,
    languages: [...new Set([keys.language, ...languages])],
  }))

/** Returns the JSON Schema for editors, as kept in docs/schema. */
export const siteSchema = () => schemaOf(siteKeys, 'dawnpost.yaml')
