/** Finds references from texts to files next to them. */
import { mediaTypeOf } from '../domain/media.ts'
import { fileNameIn } from './file-names.ts'
import type { TextFile } from './front-matter.ts'
import { type Mark, marksOf, type Position } from './marks.ts'
import { sourceOf } from './source.ts'

export interface MediaReference extends Position {
  readonly kind: 'image' | 'link'
  /** Its name in the folder. */
  readonly name: string
  readonly file: string
}

/** Few texts have references: the others need not be parsed. */
const MAY_REFER = /\]\(\s*<?(?![a-z][a-z0-9+.-]*:|[#/{])\S|^\s*\[[^\]]+\]:\s*<?(?![a-z]+:|[#/])\S/im
const ELSEWHERE = /^([a-z][a-z0-9+.-]*:|[/#?]|$)/i

/**
 * Returns whether an address is the name of a file that a series may include: any picture, and some
 * links.
 */
export const isReference = (target: string, kind: 'image' | 'link'): boolean =>
  !ELSEWHERE.test(target) &&
  !/%7B%7B|\{\{/i.test(target) &&
  (kind === 'image' || mediaTypeOf(fileNameIn(target)) !== undefined)

/** Yields the references in the texts of one series. */
export function* referencesIn(texts: readonly TextFile[]): Generator<MediaReference> {
  const referring = texts.filter(({ text }) => MAY_REFER.test(text))
  const [first] = referring
  if (!first) return
  const settings = texts.filter(({ file }) => file.endsWith('/course.yaml'))
  const slug = first.file.slice(0, first.file.indexOf('/'))
  const passages = sourceOf(slug, [...new Set([...settings, ...referring])]).pages.flatMap(
    (page) => page.passages,
  )
  for (const { file, marks } of passages) yield* referencesAmong(marks, file)
}

/** Yields the references in a single text whose first line is line `from` of its file. */
export function* referencesInText(
  file: string,
  markdown: string,
  from: number,
): Generator<MediaReference> {
  if (MAY_REFER.test(markdown)) yield* referencesAmong(marksOf(markdown, from), file)
}

function* referencesAmong(marks: readonly Mark[], file: string): Generator<MediaReference> {
  for (const mark of marks)
    if ((mark.kind === 'image' || mark.kind === 'link') && isReference(mark.target, mark.kind)) {
      const { kind, target, line, column } = mark
      yield { kind, name: fileNameIn(target), file, line, column }
    }
}
