/** Where the tests keep temporary files: in memory if there is plenty, otherwise on disk. */
import { existsSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const IN_MEMORY = '/dev/shm'
/** Containers often have 64 MB, which a single PostgreSQL fills. */
const ENOUGH = 4 * 1024 ** 3

/**
 * Every test creates a database with hundreds of small files, which takes half a second on some
 * disks. Tests kill programs but never cut the power, so memory keeps as much as a disk would.
 */
export function temporaryFolder(): string {
  if (process.env.TMPDIR || !existsSync(IN_MEMORY)) return tmpdir()
  const { bavail, bsize } = statfsSync(IN_MEMORY)
  return bavail * bsize >= ENOUGH ? IN_MEMORY : tmpdir()
}
