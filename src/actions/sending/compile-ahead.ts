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
 * Compiles what the next mails need, so that the first mail of a morning does not wait. A text that
 * fails to compile is logged and does not affect the others. Stops between texts once `signal` is
 * aborted.
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
