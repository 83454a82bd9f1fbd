/** Limits that all web processes share, counted in PostgreSQL by rate-limiter-flexible. */
import type pg from 'pg'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'

export interface Limit {
  readonly name: string
  /** How many within `seconds`. */
  readonly points: number
  readonly seconds: number
}

/** Counts one for `key`; false when that is one too many. While the database is away each process counts alone. */
export type Allow = (key: string) => Promise<boolean>

export function openLimit(pool: pg.Pool, { name, points, seconds }: Limit): Allow {
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
      return true
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return false
      throw refusal
    }
  }
}
