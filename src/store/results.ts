import { openBatch } from '../platform/batch.ts'
import type { Logger } from '../platform/log.ts'
import { finish, type Result } from './outcomes.ts'
import { type Db, isBadValue } from './postgres/sql.ts'

/**
 * What became of deliveries, on its way to the ledger: what came within 30 ms is written together,
 * a hundred at most.
 */
export const openResults = (db: Db, log: Logger) =>
  openBatch<Result>({
    write: (results) => finish(db, results),
    everyMs: 30,
    atMost: 100,
    slackMs: 50,
    onError: (error) => log.error({ err: error }, 'results could not be written'),
    isPoison: isBadValue,
  })
