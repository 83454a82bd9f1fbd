import type { CourseFolder } from '../../content/courses.ts'
import type { Series } from '../../domain/course.ts'
import type { Logger } from '../../platform/log.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly log: Logger
  readonly stores: Pick<typeof stores, 'courses'>
  readonly readFiles: (slug: string, files: stores.courses.Files) => CourseFolder
}

/** The courses as readers get them, the same in every process. */
export interface LiveCourses {
  /** Sorted by slug. Changes in place when another version becomes live. */
  readonly series: ReadonlyMap<string, Series>
  /** Digests of their files, including those of a series that can no longer be read. */
  readonly digests: ReadonlyMap<string, string>
  /** Loads what has become live since, here or in another process. */
  refresh(): Promise<void>
  /**
   * Does the same within a transaction; what is live then stays live until the transaction ends.
   */
  lock(tx: Db): Promise<void>
}

/**
 * Keeps what is live in memory. A series whose files can no longer be read, because this program is
 * newer, is left out and logged.
 */
export function openLiveCourses({ db, log, stores, readFiles }: Deps): LiveCourses {
  const series = new Map<string, Series>()
  const versions = new Map<string, number>()
  const digests = new Map<string, string>()

  async function refresh(on: Db): Promise<void> {
    const rows = await stores.courses.live(on)
    const stale = rows.filter(({ slug, version }) => version > (versions.get(slug) ?? 0))
    // One after another: at the start, opening more connections takes longer than reading the rows.
    const fresh = []
    for (const { slug } of stale) fresh.push(await stores.courses.bySlug(on, slug))
    for (const row of fresh) {
      if (!row || row.version <= (versions.get(row.slug) ?? 0)) continue
      versions.set(row.slug, row.version)
      digests.set(row.slug, row.digest)
      const { series: read, faults } = readFiles(row.slug, row.files)
      series.delete(row.slug)
      if (read && faults.length === 0) series.set(row.slug, read)
      else
        log.error(
          { series: row.slug, faults: faults.slice(0, 3) },
          'a live course can no longer be read',
        )
    }
    const live = new Set(rows.map(({ slug }) => slug))
    for (const slug of [...digests.keys()].filter((known) => !live.has(known))) {
      digests.delete(slug)
      series.delete(slug)
    }
    if (fresh.length === 0) return
    const inOrder = [...series].sort(([a], [b]) => (a < b ? -1 : 1))
    series.clear()
    for (const [slug, course] of inOrder) series.set(slug, course)
  }

  return {
    series,
    digests,
    refresh: () => refresh(db),
    lock: async (tx) => {
      await stores.courses.lock(tx)
      await refresh(tx)
    },
  }
}
