import type { CourseFolder } from '../../content/courses.ts'
import type { SeriesSource } from '../../content/source.ts'
import type { Course, Daily, Inspiration, Practice, Series } from '../../domain/course.ts'
import { TRANSACTIONAL } from '../../domain/delivery.ts'
import { type Finding, sortedByPosition } from '../../domain/finding.ts'
import type { LocatedContent } from '../../mail/check/rendering.ts'
import { sampleLetter } from '../shared/contents.ts'

export interface Deps {
  readonly readCourses: (
    folder: string,
  ) => Promise<{ folders: CourseFolder[]; faults: readonly Finding[] }>
  readonly sourceOf: (slug: string, texts: CourseFolder['texts']) => SeriesSource
  readonly checkSource: (source: SeriesSource) => Finding[]
  readonly checkRelations: (sources: readonly SeriesSource[]) => Finding[]
  /** Checks the sentences that the site words itself. */
  readonly checkCatalogs: () => Finding[]
  readonly checkMails: (written: readonly LocatedContent[]) => Promise<Finding[]>
}

export interface CheckReport {
  readonly findings: readonly Finding[]
  readonly errors: number
  readonly warnings: number
  /** Courses and lessons that are drafts or come later, and why readers get nothing of them. */
  readonly drafts: readonly { readonly slug: string; readonly reason: string }[]
}

/**
 * Returns everything that is wrong with a folder of courses. A series that cannot be loaded is
 * still checked as its author wrote it; the others are also made into all their mails.
 */
export async function check(folder: string, deps: Deps): Promise<CheckReport> {
  const { folders, faults } = await deps.readCourses(folder)
  const { whole, sources } = inspectFolders(folders, deps.sourceOf)
  const written = sortedByPosition(whole.flatMap((series) => mailsOf(series, whole, sources)))
  const findings = sortedByPosition([
    ...deps.checkCatalogs(),
    ...deps.checkRelations([...sources.values()]),
    ...faults,
    ...[...sources.values()].flatMap(deps.checkSource),
    ...(await deps.checkMails(written)),
  ])
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const drafts = folders.flatMap(({ slug, draft, waiting }) => [
    ...(draft === null ? [] : [{ slug, reason: draft }]),
    ...waiting.map(({ file, reason }) => ({ slug: file, reason })),
  ])
  return { findings, errors, warnings: findings.length - errors, drafts }
}

/** Returns the series that can be loaded, and all of them as they were written. */
export const inspectFolders = (folders: readonly CourseFolder[], sourceOf: Deps['sourceOf']) => ({
  whole: folders.flatMap(({ series, faults }) => (series && faults.length === 0 ? [series] : [])),
  sources: new Map(folders.map(({ slug, texts }) => [slug, sourceOf(slug, texts)])),
})

type Sources = ReadonlyMap<string, SeriesSource>

/** Returns every mail that a series can send, with the place where it was written. */
export function mailsOf(
  series: Series,
  allSeries: readonly Series[],
  sources: Sources,
): LocatedContent[] {
  const pages = sources.get(series.slug)?.pages ?? []
  const firstLineOf = (name: string) => ({ file: `${series.slug}/${name}`, line: 1 })
  const letter: LocatedContent = {
    content: { kind: 'welcome', series, letter: series.welcome },
    ...firstLineOf('welcome.md'),
  }
  const asked = TRANSACTIONAL.map(
    (kind): LocatedContent => ({ content: { kind, series }, ...firstLineOf('course.yaml') }),
  )
  if (series.kind === 'daily') {
    const passages = pages.flatMap(({ role, passages }) =>
      role === 'inspirations' ? passages : [],
    )
    const texts = series.inspirations.map((inspiration, index): LocatedContent => {
      const { file, line } = passages[index] ?? firstLineOf('course.yaml')
      return { content: { kind: 'inspiration', series, inspiration }, file, line }
    })
    return [letter, ...texts, ...asked]
  }
  if (series.kind === 'letter')
    return [letter, { content: sampleLetter(series), ...firstLineOf('course.yaml') }, ...asked]
  const files = pages.filter(({ role }) => role === 'lesson').map(({ file }) => file)
  const ending = series.completion
    ? [
        {
          content: { kind: 'completion', series, letter: series.completion },
          ...firstLineOf('completion.md'),
        } as LocatedContent,
      ]
    : []
  return [letter, ...lessonsOf(series, allSeries, files), ...ending, ...asked]
}

/**
 * Returns each lesson by itself, and the longest of them with the longest inspiration, as on a
 * morning when both are due.
 */
function lessonsOf(
  series: Course,
  allSeries: readonly Series[],
  files: readonly string[],
): LocatedContent[] {
  const writtenAt = (day: number) => ({
    file: files[day - 1] ?? `${series.slug}/course.yaml`,
    line: 1,
  })
  const alone = series.lessons.map(
    (lesson): LocatedContent => ({
      content: { kind: 'lesson', series, lesson, companion: null },
      ...writtenAt(lesson.day),
    }),
  )
  const [lesson] = series.lessons.toSorted((a, b) => lengthOf(b) - lengthOf(a))
  const companion = allSeries
    .filter((daily): daily is Daily => daily.kind === 'daily')
    .flatMap((daily) => daily.inspirations.map((inspiration) => ({ series: daily, inspiration })))
    .reduce<Beside | null>(
      (longest, candidate) =>
        longest && lengthOf(longest.inspiration) >= lengthOf(candidate.inspiration)
          ? longest
          : candidate,
      null,
    )
  if (!lesson || !companion) return alone
  const longest = {
    content: { kind: 'lesson', series, lesson, companion, afterPause: true },
    ...writtenAt(lesson.day),
  }
  return [...alone, longest as LocatedContent]
}

interface Beside {
  readonly series: Daily
  readonly inspiration: Inspiration
}

const lengthOf = (text: { readonly html: string; readonly practice?: Practice | null }) =>
  text.html.length + (text.practice?.html.length ?? 0)
