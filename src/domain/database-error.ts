/** What a database error says about retrying, by its SQLSTATE. */

const stateOf = (error: unknown) => String((error as { code?: unknown } | null)?.code)

/** Whether the database refused a value, by SQLSTATE class: 22 data, 23 constraint. */
export const isBadValue = (error: unknown) => /^2[23]/.test(stateOf(error))

/**
 * Whether another transaction was in the way: a deadlock that was broken, a key that it took, or a
 * delivery that it ended and thereby moved to another partition of the ledger.
 */
export const isTransactionConflict = (error: unknown) =>
  ['40P01', '23505', '40001'].includes(stateOf(error))

/** Whether the database will never accept the value. A collision can succeed when retried. */
export const isPermanentRejection = (error: unknown) =>
  isBadValue(error) && !isTransactionConflict(error)
