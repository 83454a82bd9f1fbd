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

export function openLimit(pool: pg.Pool, limit: Limit): Count {
  const limiter = limiterFor(pool, limit)
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

/** Counts what everybody does together. */
export interface Gauge {
  count(): Promise<void>
  /** Whether more than the limit came within its time; stays so for `holdSeconds`. A limit of 0 is always passed. */
  isAbove(): Promise<boolean>
}

export function openGauge(pool: pg.Pool, limit: Limit & { readonly holdSeconds: number }): Gauge {
  const limiter = limiterFor(pool, limit, { blockDuration: limit.holdSeconds })
  const KEY = 'all'
  return {
    count: async () => {
      await limiter.consume(KEY).catch((refusal) => {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
      })
    },
    isAbove: async () => limit.points === 0 || ((await limiter.get(KEY))?.consumedPoints ?? 0) > limit.points,
  }
}

function limiterFor(pool: pg.Pool, { name, points, seconds }: Limit, options: object = {}) {
  const counting = { keyPrefix: name, points, duration: seconds, ...options }
  return new RateLimiterPostgres({
    ...counting,
    storeClient: pool,
    tableName: 'rate_limits',
    tableCreated: true,
    insuranceLimiter: new RateLimiterMemory(counting),
  })
}
