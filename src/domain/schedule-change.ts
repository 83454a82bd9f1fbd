/** What a change of a course's schedule does to readers who are partway through it. */
import { type Course, gapBefore, lessonsAhead } from './course.ts'

/** Readers who have had the same lessons. */
export interface ReaderGroup {
  /** Ids of the lessons in their ledger. */
  readonly had: readonly string[]
  readonly count: number
}

export interface ScheduleChange {
  /** Readers waiting for their next lesson, or the closing letter, whose gap in days changes. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly readers: number }[]
  /**
   * Number of readers who have had all lessons and complete the course, as it is no longer open.
   */
  readonly completes: number
  /**
   * The new starts; null if unchanged. Readers waiting for a removed start get another one instead.
   */
  readonly starts: readonly string[] | null
}

export function scheduleChange(
  from: Course,
  to: Course,
  readers: readonly ReaderGroup[],
): ScheduleChange {
  const gaps = new Map<string, ScheduleChange['gaps'][number]>()
  let completes = 0
  for (const { had, count } of readers) {
    const [was] = lessonsAhead(from, had)
    const [is] = lessonsAhead(to, had)
    if (from.open && !to.open && !is) completes += count
    const gap = { from: gapBefore(from, was), to: gapBefore(to, is) }
    // There is no gap before the first lesson, nor after the last one of an open course.
    if (had.length === 0 || gap.from === gap.to || (to.open && !is)) continue
    const name = `${gap.from} ${gap.to}`
    gaps.set(name, { ...gap, readers: (gaps.get(name)?.readers ?? 0) + count })
  }
  return {
    gaps: [...gaps.values()].sort((a, b) => b.readers - a.readers),
    completes,
    starts: String(from.starts) === String(to.starts) ? null : (to.starts ?? []),
  }
}
