/** Limits that all web processes share, counted in PostgreSQL by rate-limiter-flexible. */
import type pg from 'pg'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'

export interface Limit {
  readonly name: string
  /** How many within `seconds`. */
  readonly points: number
  readonly seconds: number
}

/**
 * Counts one for `key` and tells how many seconds to wait until the next is allowed: 0 when this one is. While
 * the database is away each process counts alone.
 */
export type Count = (key: string) => Promise<number>

export function openLimit(pool: pg.Pool, { name, points, seconds }: Limit): Count {
  const limiter = new RateLimiterPostgres({
    storeClient: pool,
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix: name,
    points,
    duration: seconds,
    insuranceLimiter: new RateLimiterMemory({ keyPrefix: name, points, duration: seconds }),
  })
  return async (key) => {
    try {
      await limiter.consume(key)
      return 0
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000))
      throw refusal
    }
  }
}
