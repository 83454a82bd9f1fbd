/** What keeps a course that is being written from its readers. */
import type { Text } from './front-matter.ts'

/** Marks what an author has yet to write, in any file of a course. */
export const TODO = 'TODO:'
/** Each place of it. */
export const todos = () => new RegExp(`\\b${TODO}`, 'g')

/**
 * Why a folder is a draft, with the place; null when it is none. `draft`: what course.yaml says,
 * where it can be read. One that cannot is a draft all the same, if a line of it says so: it may be
 * half written.
 */
export function draftIn(slug: string, texts: readonly Text[], draft?: boolean): string | null {
  const settings = `${slug}/course.yaml`
  const line = lineOf(
    texts.find(({ file }) => file === settings)?.text ?? '',
    /^draft:[ \t]*true\b/im,
  )
  if (draft ?? line !== null) return `draft: true is set in ${settings}:${line ?? 1}`
  for (const { file, text } of texts) {
    const at = lineOf(text, todos())
    if (at !== null) return `${TODO} is left at ${file}:${at}`
  }
  return null
}

/** The line, from 1, of the first match. */
function lineOf(text: string, pattern: RegExp): number | null {
  const at = text.search(pattern)
  return at < 0 ? null : text.slice(0, at).split('\n').length
}
