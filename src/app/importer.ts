/**
 * Joins the import of a course to what it uses: the files of its source, and what can be made of
 * them.
 */
import { type About, courseTexts } from '../content/import/course.ts'
import type { BroughtFile } from '../content/import/local-files.ts'
import { readSource } from '../content/import/source.ts'

export interface Imported {
  /** What to write, by file name. */
  readonly texts: readonly (readonly [name: string, text: string])[]
  /** Pictures and files to put beside the texts. */
  readonly files: readonly BroughtFile[]
  /** What was left out or changed, a sentence each. */
  readonly notes: readonly string[]
}

/**
 * A course made of a folder of mails or of a CSV. Throws a Problem `invalid` when nothing can be
 * made of it.
 */
export async function importCourse(from: string, about: About): Promise<Imported> {
  const source = await readSource(from)
  const course = courseTexts(source, about)
  return {
    texts: course.texts,
    files: source.files,
    notes: [...source.notes, ...course.notes],
  }
}
