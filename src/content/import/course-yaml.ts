/** The course.yaml of an imported course, as far as its mails provide it. */
import { stringify } from 'yaml'
import { cutAtWord } from '../../domain/cut.ts'
import { TODO } from '../draft.ts'
import { MAX_CHARACTERS } from '../keys.ts'
import { tokensOf } from '../markdown.ts'
import { isLanguage } from '../quotes.ts'
import { plain } from '../words.ts'
import { guessedLanguageOf } from './language.ts'
import { oneLine } from './lines.ts'
import type { ImportedMail } from './mail.ts'
import { escapeBraces, withoutName } from './placeholders.ts'

export interface CourseInfo {
  readonly title: string
  /** The URL of the JSON Schema of course.yaml. */
  readonly schema: string
}

export interface Paragraph {
  /** Without markup, for readers without a name. */
  readonly text: string
  readonly markdown: string
}

/** Returns a text's top-level paragraphs without pictures. */
export const paragraphsOf = (markdown: string): Paragraph[] =>
  tokensOf(markdown).flatMap((token, index, tokens) => {
    const before = tokens[index - 1]
    if (token.type !== 'inline' || before?.type !== 'paragraph_open' || before.level > 0) return []
    const children = token.children ?? []
    if (children.some(({ type }) => type === 'image')) return []
    return [{ text: oneLine(withoutName(plain(children))), markdown: withoutName(token.content) }]
  })

/** Other systems may put the name of a language there. */
const isUsable = (tag: string) => /^[a-z]{2,3}(-|$)/i.test(tag) && isLanguage(tag)

/** Returns the language that the mails declare, or else seem to be in; null if neither is clear. */
export function languageIn(mails: readonly ImportedMail[]): string | null {
  return (
    mails.map(({ language }) => language).find(isUsable) ??
    guessedLanguageOf(
      mails
        .flatMap(({ subject, preheader, text }) => [subject, preheader, text])
        .join('\n')
        .slice(0, 20_000),
    )
  )
}

interface CourseFacts {
  readonly language: string | null
  /** The mail that describes the course: the welcome, or else the first. */
  readonly first: ImportedMail | undefined
  readonly author: string
}

const MIN_WORDS = 6

/** Whether a sentence says more than hello. */
const isSubstantial = (text: string) =>
  text.split(/\s+/).length >= MIN_WORDS && !text.includes(TODO) && !/[,:]$|\w:\/\//.test(text)

function sentencesIn(text: string, language: string): string[] {
  const segments = new Intl.Segmenter(language, { granularity: 'sentence' }).segment(text)
  return [...segments].map(({ segment }) => segment.trim())
}

const MAX_SUMMARY_CHARACTERS = 200

export function courseYamlOf(
  { title, schema }: CourseInfo,
  facts: CourseFacts,
): { text: string; notes: string[] } {
  const { language, first, author } = facts
  const paragraphs = paragraphsOf(first?.text ?? '').filter(({ text }) => isSubstantial(text))
  const sentences = paragraphs.flatMap(({ text }) => sentencesIn(text, language ?? 'en'))
  const summary = sentences.find((text) => isSubstantial(text))
  const description = paragraphs.slice(0, 2).map(({ markdown }) => markdown)
  const keys = {
    kind: 'course',
    title: cutAtWord(escapeBraces(oneLine(title)), MAX_CHARACTERS.title),
    summary: summary
      ? cutAtWord(summary.replace(/\{(?=\{)/g, '{ '), MAX_SUMMARY_CHARACTERS)
      : `${TODO} describe the course in one line`,
    description: description.join('\n\n') || `${TODO} describe the course, and who it is for`,
    author: cutAtWord(author, 100) || `${TODO} say who wrote it`,
  }
  return {
    text: [
      `# yaml-language-server: $schema=${schema}`,
      stringify(keys, { lineWidth: 0 }).trimEnd(),
      '# The course is not sent to readers while this line is here. Remove it when it is ready.',
      'draft: true',
      language ? `language: ${language}` : `language: en # ${TODO} give the language of the texts`,
      '# The mails greet readers in their own words, or not at all.',
      'greeting: none',
      '',
    ].join('\n'),
    notes: summary
      ? [`the summary and the description were taken from ${first?.name}; check that they fit`]
      : [],
  }
}
