/** Rules against repeated texts, verbatim or nearly so. */
import type { Rule, Spot } from '../../domain/finding.ts'
import type { Passage, SeriesSource } from '../source.ts'
import { normalized, wordsOf } from '../words.ts'
import { bodyOf } from './text-rules.ts'

/** A day that only repeats another was copied as a template and forgotten. */
function* repeatedLesson({ pages }: SeriesSource): Generator<Spot> {
  const seen = new Map<string, string>()
  for (const page of pages.filter(({ role }) => role === 'lesson')) {
    const body = normalized(bodyOf(page))
    const first = seen.get(body)
    if (first)
      yield {
        file: page.file,
        line: page.passages[0]?.line ?? 1,
        message: `has the same text as ${first}; write a different one`,
      }
    if (body && !first) seen.set(body, page.file)
  }
}

/** Consecutive words per shingle. */
const SHINGLE_WORDS = 3
/** The share of common shingles from which two texts seem the same to a reader; see shinglesOf. */
const MIN_SIMILARITY = 0.4

/**
 * Somebody who reads a text every day remembers last month's. Texts are compared by the shingles
 * they share (Jaccard); an index from shingle to texts makes that fast, since most texts share
 * none.
 */
function* nearRepeat({ pages }: SeriesSource): Generator<Spot> {
  const inspirations = pages
    .flatMap(({ passages }) => passages)
    .filter(({ role }) => role === 'inspiration')
  const index = new Map<string, number[]>()
  const sizes: number[] = []
  for (const [at, passage] of inspirations.entries()) {
    const shingles = shinglesOf(passage)
    sizes.push(shingles.size)
    const shared = new Map<number, number>()
    for (const shingle of shingles) {
      const earlier = index.get(shingle) ?? []
      for (const other of earlier) shared.set(other, (shared.get(other) ?? 0) + 1)
      index.set(shingle, [...earlier, at])
    }
    const [closest] = [...shared]
      .map(([other, common]) => ({
        other,
        alike: common / (shingles.size + (sizes[other] ?? 0) - common),
      }))
      .sort((a, b) => b.alike - a.alike)
    const first =
      closest && closest.alike >= MIN_SIMILARITY ? inspirations[closest.other] : undefined
    if (first)
      yield { file: passage.file, line: passage.line, message: sameAs(first, closest?.alike ?? 0) }
  }
}

const sameAs = ({ file, line, title }: Passage, alike: number) =>
  `${alike === 1 ? 'is the same text as' : `is nearly the same text (${Math.round(alike * 100)} %) as`} "${title}" at ${file}:${line}; write another`

/** Returns the three-word shingles of a text; of a shorter text, the text itself. */
function shinglesOf({ text }: Passage): Set<string> {
  const words = wordsOf(text)
  if (words.length < SHINGLE_WORDS) return new Set(words.length > 0 ? [words.join(' ')] : [])
  return new Set(
    words.slice(SHINGLE_WORDS - 1).map((_, at) => words.slice(at, at + SHINGLE_WORDS).join(' ')),
  )
}

export const REPEAT_RULES: readonly Rule<SeriesSource>[] = [
  { name: 'repeated-lesson', severity: 'error', find: repeatedLesson },
  { name: 'repeated-inspiration', severity: 'warning', find: nearRepeat },
]
