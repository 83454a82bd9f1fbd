import { keptUntil, passingUntil, type Retention } from '../../domain/retention.ts'
import type * as stores from '../../store/index.ts'
import type { Db } from '../../store/postgres/sql.ts'

export interface Deps {
  readonly db: Db
  readonly stores: Pick<typeof stores, 'ledgerParts' | 'oldLedger'>
  readonly retention: Retention
}

export interface LedgerStatus {
  /** The months of what has ended, those that are dropped first first. */
  readonly months: readonly {
    readonly name: string
    /** By the database's estimate. */
    readonly rows: number
    readonly bytes: number
    readonly dropsOn: string
    /**
     * It stays until all of its enrollments have been over for so many days; 0: it goes on that
     * date.
     */
    readonly daysAfterEnrollments: number
  }[]
  /** What has not been moved yet of the ledger of older versions, which goes by time; or null. */
  readonly old: {
    readonly rows: number
    readonly bytes: number
    readonly from: string
    readonly to: string
  } | null
}

/** What will be dropped of the ledger, and when; and how far the old one has been moved. */
export async function ledgerStatus({ db, stores, retention }: Deps): Promise<LedgerStatus> {
  const [parts, old] = await Promise.all([stores.ledgerParts.all(db), stores.oldLedger.left(db)])
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
