import { inspirationOn, type Series } from '../../domain/course.ts'
import { dateIn } from '../../domain/time.ts'
import type { Content, Editions } from '../../mail/render/compile.ts'
import type { Logger } from '../../platform/log.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly series: ReadonlyMap<string, Series>
  readonly editions: Editions
}

/**
 * Compiles what the next mails will need, so that the first of a morning waits for nothing. A text that cannot be
 * compiled is logged, and costs the others nothing. Stops between texts when `signal` says so.
 */
export async function prepare(signal: AbortSignal, { now, log, series, editions }: Deps): Promise<void> {
  const today = dateIn('UTC', now())
  for (const content of [...series.values()].flatMap((one) => contentsOf(one, today))) {
    if (signal.aborted) return
    await editions(content).catch((error) => {
      if (signal.aborted) return
      log.error({ err: error, series: content.series.slug, kind: content.kind }, 'a text cannot be compiled')
    })
  }
}

/** What a series will be made into next: all lessons of a course, the inspirations of these days. */
export function contentsOf(series: Series, today: Temporal.PlainDate): Content[] {
  const letters: Content[] = [
    { kind: 'confirm', series },
    { kind: 'welcome', series, letter: series.welcome },
  ]
  if (series.kind === 'daily') {
    // Somewhere it is yesterday, and somewhere tomorrow.
    const dates = [-1, 0, 1].map((days) => today.add({ days }))
    const pages = dates.map((date): Content => {
      return { kind: 'inspiration', series, inspiration: inspirationOn(series, date) }
    })
    return [...letters, ...pages]
  }
  const lessons = series.lessons.map((lesson): Content => ({ kind: 'lesson', series, lesson, beside: null }))
  return [...letters, ...lessons, { kind: 'completion', series, letter: series.completion }]
}
