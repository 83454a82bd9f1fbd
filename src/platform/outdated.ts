/**
 * A rolling upgrade: the first process of the new version changes the database beneath those of the
 * old one.
 */
import type { Logger } from './log.ts'

/** Whether it is so. An answer of the last `withinMs` milliseconds will do; by default it is asked for. */
export type IsOutdated = (withinMs?: number) => Promise<boolean>

/**
 * Whether the database has become a newer version's, as `newer` tells by the name of a migration.
 * Says so once, and from then on does not ask again: what this version knows of the tables may be
 * wrong. Those who ask at the same time are told the same: a worker begins with twenty of them.
 */
export function openOutdated(newer: () => Promise<string | null>, log: Logger): IsOutdated {
  let outdated = false
  let answeredAt = Number.NEGATIVE_INFINITY
  let asking: Promise<boolean> | undefined
  const ask = async () => {
    // A database that does not answer is no news of its version.
    const migration = await newer().catch(() => null)
    if (migration && !outdated) {
      outdated = true
      log.error(
        { migration },
        'A newer version of Dawnpost has migrated the database: this process no longer plans or sends, the newer ones do. Replace it by the newer version',
      )
    }
    answeredAt = performance.now()
    return outdated
  }
  return async (withinMs = 0) => {
    if (outdated || performance.now() - answeredAt < withinMs) return outdated
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}
