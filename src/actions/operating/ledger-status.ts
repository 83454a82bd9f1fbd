import { keptUntil, passingUntil, type Retention } from '../../domain/retention.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'ledgerParts' | 'oldLedger'>
  readonly retention: Retention
}

export interface LedgerStatus {
  /** Months of what has ended, in the order in which they are dropped. */
  readonly months: readonly {
    readonly name: string
    /** Estimated by the database. */
    readonly rows: number
    readonly bytes: number
    readonly dropsOn: string
    /**
     * For how many days all of its enrollments must be over before it is dropped; 0 if it is
     * dropped on `dropsOn` in any case.
     */
    readonly daysAfterEnrollments: number
  }[]
  /**
   * What has not been moved yet of the ledger of older versions, which is moved by time; or null.
   */
  readonly old: {
    readonly rows: number
    readonly bytes: number
    readonly from: string
    readonly to: string
  } | null
}

/**
 * Returns what will be dropped from the ledger and when, and how far the old one has been moved.
 */
export async function ledgerStatus({ db, stores, retention }: Deps): Promise<LedgerStatus> {
  const [parts, old] = await Promise.all([
    stores.ledgerParts.all(db),
    stores.oldLedger.remaining(db),
  ])
  const months = parts.map(({ name, rows, bytes, of, month }) => ({
    name,
    rows,
    bytes,
    dropsOn: String(
      of === 'passing' ? passingUntil(month, retention) : keptUntil(month, retention),
    ),
    daysAfterEnrollments: of === 'passing' ? 0 : retention.endedDays,
  }))
  return {
    months: months.sort((month, other) => (month.dropsOn < other.dropsOn ? -1 : 1)),
    old: old && { ...old, from: String(old.from), to: String(old.to) },
  }
}
