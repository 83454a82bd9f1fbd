/** Where the tests keep what they throw away: in memory where there is plenty, else on the disk. */
import { existsSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const IN_MEMORY = '/dev/shm'
/** A container often has 64 MB of it, which a single PostgreSQL fills. */
const ENOUGH = 4 * 1024 ** 3

/**
 * Every test makes a database, which is hundreds of small files, and some disks take half a second
 * for them. What tests do to programs is to kill them, never to cut the power, so memory keeps as
 * much as a disk would.
 */
export function temporaryFolder(): string {
  if (process.env.TMPDIR || !existsSync(IN_MEMORY)) return tmpdir()
  const { bavail, bsize } = statfsSync(IN_MEMORY)
  return bavail * bsize >= ENOUGH ? IN_MEMORY : tmpdir()
}
