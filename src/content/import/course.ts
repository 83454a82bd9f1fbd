/**
 * Converts mails to the files of a course. What a course needs and only its author can know is
 * marked with TODO, for the check to find.
 */
import { stringify } from 'yaml'
import { cutAtWord } from '../../domain/cut.ts'
import { openLocales } from '../../locales/locale.ts'
import { TODO } from '../draft.ts'
import { MAX_CHARACTERS } from '../keys.ts'
import { normalized } from '../words.ts'
import { type CourseInfo, courseYamlOf, languageIn, paragraphsOf } from './course-yaml.ts'
import { firstSentence, oneLine, slugOf } from './lines.ts'
import type { ImportedMail } from './mail.ts'
import { lineWithSlots, withoutName } from './placeholders.ts'

export type { CourseInfo } from './course-yaml.ts'

type Text = readonly [name: string, text: string]

interface Mails {
  /** In order. */
  readonly mails: readonly ImportedMail[]
  readonly welcome: ImportedMail | null
  readonly completion: ImportedMail | null
}

/** Returns course.yaml, the letters, and the lessons in order; and notes on what was changed. */
export function courseTexts(
  { mails, welcome, completion }: Mails,
  about: CourseInfo,
): { texts: Text[]; notes: string[] } {
  const notes: string[] = []
  const [subjects, ids] = [new Set<string>(), new Set<string>()]
  const width = Math.max(2, String(mails.length).length)
  const allMails = [welcome, ...mails, completion].filter((mail) => mail !== null)
  const language = languageIn(allMails)
  const author = allMails.map((mail) => mail.author).find(Boolean) ?? ''
  const settings = courseYamlOf(about, { language, first: allMails[0], author })
  const noted = (mail: ImportedMail): Note => {
    const note = (text: string) => void notes.push(`${mail.name}: ${text}`)
    for (const remark of mail.notes) note(remark)
    return note
  }
  const lessons = mails.map((mail, index): Text => {
    const note = noted(mail)
    const subject = uniqueSubject(subjectOf(mail.subject, note), subjects, note)
    const id = unique(slugOf(withoutName(subject)) || 'lesson', ids)
    return [`${String(index + 1).padStart(width, '0')}-${id}.md`, pageOf(mail, subject)]
  })
  const letter = (mail: ImportedMail | null, which: 'welcome' | 'completion'): Text => {
    if (!mail) {
      notes.push(`${which}.md is a short default text, since the source has none`)
      return [`${which}.md`, defaultLetter(which, about.title, language)]
    }
    const note = noted(mail)
    return [
      `${which}.md`,
      pageOf(mail, uniqueSubject(subjectOf(mail.subject, note), subjects, note)),
    ]
  }
  const [begins, ends] = [letter(welcome, 'welcome'), letter(completion, 'completion')]
  return {
    texts: [['course.yaml', settings.text], begins, ...lessons, ends],
    notes: [...settings.notes, ...notes],
  }
}

type Note = (text: string) => void

/** An overlong subject first loses the name, and is then cut after a word. */
function subjectOf(text: string, note: Note): string {
  const unknown: string[] = []
  const whole = lineWithSlots(text, (placeholder) => unknown.push(placeholder))
  for (const placeholder of unknown)
    note(`${placeholder} in the subject cannot be filled in; it is marked with ${TODO}`)
  if (whole.length <= MAX_CHARACTERS.subject) return whole
  const plain = withoutName(whole)
  if (plain.length <= MAX_CHARACTERS.subject) {
    if (plain !== whole)
      note(`the name was removed from the subject to keep it short enough: "${text}"`)
    return plain
  }
  note(
    `the subject has more than ${MAX_CHARACTERS.subject} characters and was cut; in full it is "${plain}"`,
  )
  return cutAtWord(plain, MAX_CHARACTERS.subject)
}

/** In a list, two mails with one subject look like one. */
function uniqueSubject(subject: string, taken: Set<string>, note: Note): string {
  let candidate = subject
  for (let number = 2; taken.has(normalized(candidate)); number += 1)
    candidate = `${cutAtWord(subject, MAX_CHARACTERS.subject - ` (${number})`.length)} (${number})`
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

function pageOf(mail: ImportedMail, subject: string): string {
  const preheader = preheaderOf(mail)
  return [
    '---',
    stringify({ subject, ...(preheader && { preheader }) }, { lineWidth: 0 }).trimEnd(),
    '---',
    mail.text,
    '',
  ].join('\n')
}

/**
 * Returns the mail's own preheader. Without one, the first sentence is used implicitly, unless that
 * is a greeting.
 */
function preheaderOf({ preheader, text }: ImportedMail): string {
  const written = preheader && withoutName(lineWithSlots(preheader))
  const [first, ...more] = paragraphsOf(text).map((paragraph) => paragraph.text)
  const isGreeting = first !== undefined && (/[,:]$/.test(first) || first.split(' ').length < 3)
  const line = written || (isGreeting ? firstSentence([first, ...more]) : '')
  return cutAtWord(line, MAX_CHARACTERS.preheader)
}

/** Makes a letter that a course needs but the source lacks. */
function defaultLetter(
  which: 'welcome' | 'completion',
  title: string,
  language: string | null,
): string {
  const { t } = openLocales().of(language ?? 'en')
  const subject = cutAtWord(
    t(`mail.${which}.own-subject`, { title: oneLine(title) }),
    MAX_CHARACTERS.subject,
  )
  return [
    '---',
    stringify({ subject }, { lineWidth: 0 }).trimEnd(),
    '---',
    t(`mail.${which}.own-text`),
    '',
  ].join('\n')
}
