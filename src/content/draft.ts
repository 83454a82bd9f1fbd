/** What keeps an unfinished course from its readers. */
import { splitFrontMatter, type TextFile } from './front-matter.ts'

/** Marks what is still to be written, in any file of a course. */
export const TODO = 'TODO:'
/** Matches every occurrence. */
export const todoPattern = () => new RegExp(`\\b${TODO}`, 'g')

/** A text not yet sent to readers. */
export interface UnpublishedText {
  readonly file: string
  readonly reason: string
  /** The date, in UTC, on which it is published by itself; null for a draft. */
  readonly on: string | null
}

/**
 * Returns why a course's settings or a lesson's front matter keep it from readers on a date; null
 * if they do not. An unreadable file is still a draft if one of its lines says so: it may be half
 * written.
 */
export function unpublishedIn(
  { file, text }: TextFile,
  today: Temporal.PlainDate | null,
): UnpublishedText | null {
  const keys = file.endsWith('.md') ? `\n${splitFrontMatter(text)?.yaml ?? ''}` : text
  const draft = lineOf(keys, /^draft:[ \t]*true\b/im)
  if (draft !== null) return { file, reason: `draft: true is set in ${file}:${draft}`, on: null }
  const [, on] = /^publish:[ \t]*["']?(\d{4}-\d{2}-\d{2})\b/m.exec(keys) ?? []
  if (on === undefined || (today && on <= today.toString())) return null
  const line = lineOf(keys, /^publish:/m)
  return { file, reason: `publish: ${on} is set in ${file}:${line}, and it goes live then`, on }
}

/** Returns why a folder is a draft, and where that is said; null if it is not one. */
export function draftIn(
  slug: string,
  texts: readonly TextFile[],
  today: Temporal.PlainDate | null,
): Pick<UnpublishedText, 'reason' | 'on'> | null {
  const settings = texts.find(({ file }) => file === `${slug}/course.yaml`)
  const waiting = settings && unpublishedIn(settings, today)
  if (waiting) return waiting
  for (const { file, text } of texts) {
    const at = lineOf(text, todoPattern())
    if (at !== null) return { reason: `${TODO} is left at ${file}:${at}`, on: null }
  }
  return null
}

/** Returns the line, from 1, of the first match. */
function lineOf(text: string, pattern: RegExp): number | null {
  const at = text.search(pattern)
  return at < 0 ? null : text.slice(0, at).split('\n').length
}
