/**
 * Mails to the files of a course. What nobody but the author can know is marked with TODO: for the
 * check to find.
 */
import { stringify } from 'yaml'
import { cutAtWord } from '../../domain/cut.ts'
import { TODO } from '../draft.ts'
import { MOST_CHARACTERS } from '../keys.ts'
import { isLanguage } from '../quotes.ts'
import { normalized, plainText } from '../words.ts'
import { firstSentence, oneLine, slugOf } from './lines.ts'
import type { ImportedMail } from './mail.ts'
import { withoutName, withSlots } from './placeholders.ts'

export interface About {
  readonly title: string
  /** The address of the JSON Schema of course.yaml. */
  readonly schema: string
}

type Text = readonly [name: string, text: string]

interface Mails {
  /** In order. */
  readonly mails: readonly ImportedMail[]
  readonly welcome: ImportedMail | null
  readonly completion: ImportedMail | null
}

/**
 * course.yaml, the lessons in order, and the letters that there are, the one at the end in any
 * case; and what was changed.
 */
export function courseTexts(
  { mails, welcome, completion }: Mails,
  about: About,
): { texts: Text[]; notes: string[] } {
  const notes: string[] = []
  const [subjects, ids] = [new Set<string>(), new Set<string>()]
  const width = Math.max(2, String(mails.length).length)
  const lessons = mails.map((mail, index): Text => {
    const note = (text: string) => notes.push(`${mail.name}: ${text}`)
    for (const remark of mail.notes) note(remark)
    const subject = distinct(subjectOf(mail.subject, note), subjects, note)
    const id = unique(slugOf(withoutName(subject)) || 'lesson', ids)
    return [`${String(index + 1).padStart(width, '0')}-${id}.md`, lessonOf(mail, subject, note)]
  })
  const letter = (mail: ImportedMail) => {
    const note = (text: string) => notes.push(`${mail.name}: ${text}`)
    for (const remark of mail.notes) note(remark)
    return letterOf(mail, distinct(subjectOf(mail.subject, note), subjects, note))
  }
  const end = completion ? letter(completion) : COMPLETION
  return {
    texts: [
      ['course.yaml', settingsOf(mails, about)],
      ...(welcome ? ([['welcome.md', letter(welcome)]] as const) : []),
      ...lessons,
      ['completion.md', end],
    ],
    notes,
  }
}

/** Elsewhere it may be the name of a language. */
const isUsable = (tag: string) => /^[a-z]{2,3}(-|$)/i.test(tag) && isLanguage(tag)

type Note = (text: string) => void

/** A subject that is too long goes without the name first, and is then cut behind a word. */
function subjectOf(text: string, note: Note): string {
  const unknown: string[] = []
  const whole = withSlots(oneLine(text), (placeholder) => unknown.push(placeholder))
  for (const placeholder of unknown)
    note(`${placeholder} in the subject cannot be filled in; it is marked with ${TODO}`)
  if (whole.length <= MOST_CHARACTERS.subject) return whole
  const plain = withoutName(whole)
  if (plain.length <= MOST_CHARACTERS.subject) {
    if (plain !== whole)
      note(`the name was removed from the subject to keep it short enough: "${text}"`)
    return plain
  }
  note(
    `the subject has more than ${MOST_CHARACTERS.subject} characters and was cut; in full it is "${plain}"`,
  )
  return cutAtWord(plain, MOST_CHARACTERS.subject)
}

/** Two mails with one subject are one to whoever looks at the list. */
function distinct(subject: string, taken: Set<string>, note: Note): string {
  let candidate = subject
  for (let number = 2; taken.has(normalized(candidate)); number += 1)
    candidate = `${cutAtWord(subject, MOST_CHARACTERS.subject - ` (${number})`.length)} (${number})`
  taken.add(normalized(candidate))
  if (candidate !== subject) note(`the subject was already used; it is now "${candidate}"`)
  return candidate
}

function unique(id: string, taken: Set<string>): string {
  let candidate = id
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${id}-${number}`
  taken.add(candidate)
  return candidate
}

function lessonOf({ intro, practice, ...mail }: ImportedMail, subject: string, note: Note): string {
  if (!practice) note(`has no practice that we could recognize; it is marked with ${TODO}`)
  return [
    '---',
    yamlOf({ subject, preheader: preheaderOf(mail.preheader, intro) }),
    `minutes: 10 # ${TODO} say how many minutes the practice takes`,
    yamlOf({
      question: `${TODO} ask one question to write about`,
      carry: `${TODO} write a line to carry through the day`,
    }),
    '---',
    intro,
    '',
    `## ${practice ? oneLine(practice.title) : `${TODO} name the practice`}`,
    '',
    practice ? practice.markdown.trim() : `1. ${TODO} say what to do, step by step`,
    '',
  ].join('\n')
}

function letterOf({ intro, practice, ...mail }: ImportedMail, subject: string): string {
  const more = practice ? ['', `## ${oneLine(practice.title)}`, '', practice.markdown.trim()] : []
  const keys = yamlOf({ subject, preheader: preheaderOf(mail.preheader, intro) })
  return ['---', keys, '---', intro, ...more, ''].join('\n')
}

/** The mail's own, or its first sentence; as it is for readers without a name. */
function preheaderOf(written: string, intro: string): string {
  const paragraphs = plainText(intro.replace(/ {2}\n/g, '\n')).split('\n')
  const line = written
    ? withSlots(oneLine(written), () => {})
    : firstSentence(paragraphs.map(withoutName))
  return (
    cutAtWord(withoutName(line), MOST_CHARACTERS.preheader) ||
    `${TODO} write what mailboxes show after the subject`
  )
}

function settingsOf(mails: readonly ImportedMail[], { title, schema }: About): string {
  const language = mails.map((mail) => mail.language).find(isUsable)
  return [
    `# yaml-language-server: $schema=${schema}`,
    yamlOf({
      kind: 'course',
      title: cutAtWord(oneLine(title), MOST_CHARACTERS.title),
      summary: `${TODO} say in one line what the course is`,
      description: `${TODO} describe the course, and who it is for`,
      author: `${TODO} say who wrote it`,
    }),
    '# The course is not sent to readers while this line is here. Remove it when it is ready.',
    'draft: true',
    language
      ? `language: ${language}`
      : `language: en # ${TODO} say in which language the texts are`,
    '',
  ].join('\n')
}

const yamlOf = (keys: Record<string, string>) => stringify(keys, { lineWidth: 0 }).trimEnd()

const COMPLETION = [
  '---',
  yamlOf({
    subject: `${TODO} name the mail after the last day`,
    preheader: `${TODO} write its second line`,
  }),
  '---',
  `${TODO} write to those who have come to the end`,
  '',
].join('\n')
