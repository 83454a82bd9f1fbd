/**
 * Rolling upgrades: the first process of a new version migrates the database while older ones still
 * run.
 */
import type { Logger } from './log.ts'

/**
 * Returns whether the database is a newer version's. An answer at most `withinMs` milliseconds old
 * is reused; by default the database is asked.
 */
export type IsOutdated = (withinMs?: number) => Promise<boolean>

/**
 * Checks whether a newer version has migrated the database; `newer` returns the name of its
 * migration. Logs this once and never asks again, since what this version knows of the tables may
 * be wrong. Concurrent calls share one query: a worker begins with twenty of them.
 */
export function openOutdated(newer: () => Promise<string | null>, log: Logger): IsOutdated {
  let outdated = false
  let answeredAt = Number.NEGATIVE_INFINITY
  let asking: Promise<boolean> | undefined
  const ask = async () => {
    // A database that does not answer says nothing about its version.
    const migration = await newer().catch(() => null)
    if (migration && !outdated) {
      outdated = true
      log.error(
        { migration },
        'a newer version of Dawnpost has migrated the database: this process no longer plans or sends, the newer ones do; replace it with the newer version',
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
