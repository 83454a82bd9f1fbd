import { isBadValue } from '../domain/database-error.ts'
import { openBatch } from '../platform/batch.ts'
import type { Logger } from '../platform/log.ts'
import { finish, type Result } from './outcomes.ts'
import type { Db } from './postgres/sql.ts'

/**
 * Opens the batch by which outcomes of deliveries reach the ledger: those of 50 ms are written
 * together, 150 at most.
 */
export const openResultBatch = (db: Db, log: Logger) =>
  openBatch<Result>({
    write: (results) => finish(db, results),
    everyMs: 50,
    atMost: 150,
    slackMs: 100,
    onError: (error) => log.error({ err: error }, 'results could not be written'),
    isPoison: isBadValue,
  })
