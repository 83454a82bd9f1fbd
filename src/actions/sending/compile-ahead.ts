import type { Series } from '../../domain/course.ts'
import { dateIn } from '../../domain/time.ts'
import type { Editions } from '../../mail/edition.ts'
import type { Logger } from '../../platform/log.ts'
import { contentsOf } from '../shared/contents.ts'

export interface Deps {
  readonly now: () => Temporal.Instant
  readonly log: Logger
  readonly series: ReadonlyMap<string, Series>
  readonly editions: Editions
}

/**
 * Compiles what the next mails will need, so that the first of a morning waits for nothing. A text
 * that cannot be compiled is logged, and costs the others nothing. Stops between texts when
 * `signal` says so.
 */
export async function compileAhead(
  signal: AbortSignal,
  { now, log, series, editions }: Deps,
): Promise<void> {
  const today = dateIn('UTC', now())
  for (const content of [...series.values()].flatMap((each) => contentsOf(each, today))) {
    if (signal.aborted) return
    await editions(content).catch((error) => {
      if (signal.aborted) return
      log.error(
        { err: error, series: content.series.slug, kind: content.kind },
        'a text cannot be compiled',
      )
    })
  }
}
