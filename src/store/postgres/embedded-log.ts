/** The server's log: one file next to its data, and the previous one. */
import { copyFile, stat, truncate } from 'node:fs/promises'
import { DAY } from '../../domain/time.ts'

const MAX_LOG_BYTES = 1_000_000
const MAX_LOG_AGE_MS = 7 * DAY

/**
 * Empties the log if it is larger than a megabyte or older than a week; its content is kept as
 * `….log.1` until the next time. The server keeps writing to the file it has open, so that is
 * truncated and not replaced.
 */
export async function rotate(log: string): Promise<void> {
  const [now, before] = await Promise.all(
    [stat(log), stat(`${log}.1`)].map((info) => info.catch(() => null)),
  )
  if (!now) return
  const age = now.mtimeMs - (before?.mtimeMs ?? now.birthtimeMs)
  if (now.size <= MAX_LOG_BYTES && (age <= MAX_LOG_AGE_MS || now.size === 0)) return
  await copyFile(log, `${log}.1`)
  await truncate(log)
}

/**
 * What the server may log: errors, tersely, without the statement, its values or the row that broke
 * a rule, since these may hold an address. Errors in the program's own statements go to the program
 * alone: see its role.
 */
export const LOG_SETTINGS = [
  'log_error_verbosity=terse',
  'log_min_error_statement=panic',
  'log_statement=none',
  'log_min_duration_statement=-1',
  'log_parameter_max_length=0',
  'log_parameter_max_length_on_error=0',
  'log_checkpoints=off',
]
