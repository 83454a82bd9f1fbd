/** Limits shared by all web processes, counted in PostgreSQL by rate-limiter-flexible. */
import type pg from 'pg'
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js'
import RateLimiterPostgres from 'rate-limiter-flexible/lib/RateLimiterPostgres.js'
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js'
import { asyncCommitClient } from './async-commit.ts'

export interface Limit {
  readonly name: string
  /** How many within `seconds`. */
  readonly points: number
  readonly seconds: number
}

/**
 * Counts one for `key` and returns how many seconds to wait until the next is allowed: 0 if this
 * one is. While the database is unreachable each process counts on its own.
 */
export type Limiter = (key: string) => Promise<number>

export function openLimit(pool: pg.Pool, limit: Limit): Limiter {
  const limiter = limiterFor(pool, limit)
  return async (key) => {
    try {
      await limiter.consume(key)
      return 0
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return secondsOf(refusal)
      throw refusal
    }
  }
}

/** Counts without refusing, and reports separately whether the limit is passed. */
export interface Gauge {
  count(key: string): Promise<void>
  /**
   * Returns for how many more seconds it stays above the limit: 0 if it is not. Once passed it
   * stays so for `holdSeconds`, or until its time is over. A limit of 0 is always passed.
   */
  above(key: string): Promise<number>
}

export function openGauge(pool: pg.Pool, limit: Limit & { readonly holdSeconds?: number }): Gauge {
  const limiter = limiterFor(
    pool,
    limit,
    limit.holdSeconds ? { blockDuration: limit.holdSeconds } : {},
  )
  return {
    count: async (key) => {
      await limiter.consume(key).catch((refusal) => {
        if (!(refusal instanceof RateLimiterRes)) throw refusal
      })
    },
    above: async (key) => {
      if (limit.points === 0) return limit.seconds
      const state = await limiter.get(key)
      return state && state.consumedPoints > limit.points ? secondsOf(state) : 0
    },
  }
}

/** Both kinds, on one database. */
export const openLimits = (pool: pg.Pool) => ({
  limit: (limit: Limit) => openLimit(pool, limit),
  gauge: (limit: Limit & { readonly holdSeconds?: number }) => openGauge(pool, limit),
})

const secondsOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / 1_000))

function limiterFor(pool: pg.Pool, { name, points, seconds }: Limit, options: object = {}) {
  const counting = { keyPrefix: name, points, duration: seconds, ...options }
  return new RateLimiterPostgres({
    ...counting,
    storeClient: asyncCommitClient(pool),
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    insuranceLimiter: new RateLimiterMemory(counting),
  })
}
