/** The front matter of an article: what is read, what is refused, and what editors complete. */
import { z } from 'zod'
import { RESERVED_SLUGS } from '../domain/article-paths.ts'
import { SLUG } from '../domain/course.ts'
import {
  date,
  draft,
  LANGUAGE_TAG,
  LANGUAGE_WANTED,
  line,
  mapOf,
  publish,
  schemaOf,
} from './keys.ts'
import { isLanguage } from './quotes.ts'

const SLUG_WANTED = 'must be a name of lowercase letters, digits and hyphens, without .md'
const slug = z.string({ error: SLUG_WANTED }).regex(SLUG, SLUG_WANTED)
const listOf = (name: typeof slug) =>
  z
    .array(name, { error: 'must be a list of names, like [an-article, another]' })
    .transform((names) => [...new Set(names)])
    .default([])
const slugs = listOf(slug)
const formerSlug = slug.refine(
  (name) => !RESERVED_SLUGS.includes(name),
  'is reserved for a page of all articles; remove it',
)

export const articleKeys = z.strictObject({
  title: line(120).describe('Its title: on the page, in lists, in search engines.'),
  author: line(100).describe('Who wrote it.'),
  date: date.describe('Its date, like 2027-02-01; the newest comes first.'),
  summary: line(200).describe('One or two sentences about it: lists, feeds, search engines.'),
  tags: z
    .array(line(40), { error: 'must be a list of words, like [listening, feelings]' })
    .max(12, 'are too many; keep those it is really about, at most 12')
    .transform((tags) => [...new Set(tags.map((tag) => tag.normalize('NFC')))])
    .default([])
    .describe('What it is about, in a few short words. Articles of one tag are listed together.'),
  language: z
    .string({ error: LANGUAGE_WANTED })
    .regex(LANGUAGE_TAG, { error: LANGUAGE_WANTED, abort: true })
    .refine(isLanguage, LANGUAGE_WANTED)
    .transform((tag) => Intl.getCanonicalLocales(tag)[0] ?? tag)
    .exactOptional()
    .describe('Its language, as a tag of BCP 47; by default that of the site.'),
  picture: z
    .strictObject(
      {
        file: line(200).describe('A picture file beside the article.'),
        alt: line(300).describe('What it shows, for people who cannot see it.'),
      },
      { error: mapOf('file and alt') },
    )
    .exactOptional()
    .describe('A picture above the text, and where the article is shared.'),
  related: slugs.describe('Articles to read next, by their names; by default similar ones.'),
  invite: slug.exactOptional().describe('The folder name of the course to which it invites.'),
  aliases: listOf(formerSlug).describe('Earlier names of the file, which still lead to it.'),
  translations: slugs.describe(
    'The same article in other languages, by their names. One article may list them for all.',
  ),
  draft,
  publish,
})

export const articleSchema = () => schemaOf(articleKeys, 'Front matter of an article')
