import type { Series } from '../../domain/course.ts'
import { messageOf } from '../../domain/problem.ts'
import type { Logger } from '../../platform/log.ts'

/** Reports that a mail of a series cannot be composed. */
export type Alarm = (slug: string, cause: unknown) => void

/**
 * Logs each cause once per version of a series, no matter how many mails it affects or how often
 * they are retried; the status counts them.
 */
export function openAlarm(series: ReadonlyMap<string, Series>, log: Logger): Alarm {
  const logged = new Map<
    string,
    { readonly of: Series | undefined; readonly causes: Set<string> }
  >()
  return (slug, cause) => {
    const of = series.get(slug)
    const before = logged.get(slug)
    const causes = before?.of === of && before ? before.causes : new Set<string>()
    const reason = messageOf(cause)
    if (causes.has(reason) || causes.size >= MAX_CAUSES) return
    logged.set(slug, { of, causes: causes.add(reason) })
    log.error(
      { err: cause, series: slug },
      'mails of a course cannot be composed; dawnpost status counts them',
    )
  }
}

/** Distinct causes logged per version of a series; more would only be noise. */
const MAX_CAUSES = 20
