/**
 * Connects the import of a course to what it uses: the files of its source, and their conversion.
 */
import { type CourseInfo, courseTexts } from '../content/import/course.ts'
import type { CopiedFile } from '../content/import/local-files.ts'
import { readSource } from '../content/import/source.ts'

export interface ImportedCourse {
  /** Texts to write, by file name. */
  readonly texts: readonly (readonly [name: string, text: string])[]
  /** Pictures and files to put alongside the texts. */
  readonly files: readonly CopiedFile[]
  /** What was omitted or changed, a sentence each. */
  readonly notes: readonly string[]
}

/**
 * Converts a folder of mails or a CSV file to a course. Throws a Problem `invalid` if nothing can
 * be made of it.
 */
export async function importCourse(from: string, about: CourseInfo): Promise<ImportedCourse> {
  const source = await readSource(from)
  const course = courseTexts(source, about)
  return {
    texts: course.texts,
    files: source.files,
    notes: [...source.notes, ...course.notes],
  }
}
