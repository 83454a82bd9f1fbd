/** What keeps a course that is being written from its readers. */
import { cut, type Text } from './front-matter.ts'

/** Marks what an author has yet to write, in any file of a course. */
export const TODO = 'TODO:'
/** Each place of it. */
export const todos = () => new RegExp(`\\b${TODO}`, 'g')

/** A text that readers get nothing of yet. */
export interface Waiting {
  readonly file: string
  readonly reason: string
  /** The date, in UTC, on which it comes by itself; null for a draft. */
  readonly on: string | null
}

/**
 * Whether the settings of a course, or the front matter of a lesson, keep it from readers on a
 * date; null when they do not. One that cannot be read is a draft all the same, if a line of it
 * says so: it may be half written.
 */
export function waitingIn({ file, text }: Text, today: Temporal.PlainDate | null): Waiting | null {
  const keys = file.endsWith('.md') ? `\n${cut(text)?.yaml ?? ''}` : text
  const draft = lineOf(keys, /^draft:[ \t]*true\b/im)
  if (draft !== null) return { file, reason: `draft: true is set in ${file}:${draft}`, on: null }
  const [, on] = /^publish:[ \t]*["']?(\d{4}-\d{2}-\d{2})\b/m.exec(keys) ?? []
  if (on === undefined || (today && on <= today.toString())) return null
  const line = lineOf(keys, /^publish:/m)
  return { file, reason: `publish: ${on} is set in ${file}:${line}, and it comes then`, on }
}

/** Why a folder is a draft, with the place; null when it is none. */
export function draftIn(
  slug: string,
  texts: readonly Text[],
  today: Temporal.PlainDate | null,
): Pick<Waiting, 'reason' | 'on'> | null {
  const settings = texts.find(({ file }) => file === `${slug}/course.yaml`)
  const waiting = settings && waitingIn(settings, today)
  if (waiting) return waiting
  for (const { file, text } of texts) {
    const at = lineOf(text, todos())
    if (at !== null) return { reason: `${TODO} is left at ${file}:${at}`, on: null }
  }
  return null
}

/** The line, from 1, of the first match. */
function lineOf(text: string, pattern: RegExp): number | null {
  const at = text.search(pattern)
  return at < 0 ? null : text.slice(0, at).split('\n').length
}
