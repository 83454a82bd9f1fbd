/** What an error of the database says about trying again, by its SQLSTATE. */

const stateOf = (error: unknown) => String((error as { code?: unknown } | null)?.code)

/** Whether the database refused a value, by SQLSTATE class: 22 data, 23 constraint. */
export const isBadValue = (error: unknown) => /^2[23]/.test(stateOf(error))

/**
 * Whether another transaction was in the way: a deadlock that was broken, a key that it has taken,
 * or a delivery that it has ended meanwhile, and so moved to another part of the ledger.
 */
export const isCollision = (error: unknown) => ['40P01', '23505', '40001'].includes(stateOf(error))

/** Whether no database will ever take the value. Two of the same at once are no such case. */
export const isNeverTaken = (error: unknown) => isBadValue(error) && !isCollision(error)
