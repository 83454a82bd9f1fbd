/** What a change of a course's schedule does to those who are on their way in it. */
import { type Course, gapBefore, lessonsAhead } from './course.ts'

/** Readers who have had the same lessons. */
export interface Readers {
  /** Ids of the lessons that stand in their ledger. */
  readonly had: readonly string[]
  readonly count: number
}

export interface ScheduleChange {
  /** Who waits for their next lesson, or the closing letter, with another gap now, in days. */
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly readers: number }[]
  /** Those who are through, when it is open no more: they complete it. */
  readonly completes: number
  /** It has other starts: whoever waits for one that is gone begins at the one instead of it. */
  readonly starts: readonly string[] | null
}

export function scheduleChange(
  from: Course,
  to: Course,
  readers: readonly Readers[],
): ScheduleChange {
  const gaps = new Map<string, ScheduleChange['gaps'][number]>()
  let completes = 0
  for (const { had, count } of readers) {
    const [was] = lessonsAhead(from, had)
    const [is] = lessonsAhead(to, had)
    if (from.open && !to.open && !is) completes += count
    const gap = { from: gapBefore(from, was), to: gapBefore(to, is) }
    // Nothing lies before the first lesson, and nothing comes after the last of an open course.
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
