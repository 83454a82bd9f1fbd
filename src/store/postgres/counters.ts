/**
 * What all workers together have sent within a span of time, counted in PostgreSQL by
 * rate-limiter-flexible.
 */
import type pg from 'pg'
import RateLimiterPostgres from 'rate-limiter-flexible/lib/RateLimiterPostgres.js'
import { asyncCommitClient } from './async-commit.ts'

export interface Counter {
  readonly spanMs: number
  /** Counts one for `key`; returns the count in this span, and when the next one begins. */
  add(key: string): Promise<{ readonly count: number; readonly endsInMs: number }>
  /** Takes back one that was not sent after all. */
  undo(key: string): Promise<void>
}

/** Never reached: callers compare the count themselves. */
const NO_LIMIT = 1_000_000_000

function openCounter(pool: pg.Pool, name: string, seconds: number): Counter {
  const limiter = new RateLimiterPostgres({
    storeClient: asyncCommitClient(pool),
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    keyPrefix: name,
    points: NO_LIMIT,
    duration: seconds,
  })
  return {
    spanMs: seconds * 1_000,
    add: async (key) => {
      const { consumedPoints, msBeforeNext } = await limiter.consume(key)
      return { count: consumedPoints, endsInMs: Math.max(1, msBeforeNext) }
    },
    undo: async (key) => {
      await limiter.reward(key)
    },
  }
}

/** For each server or provider: within a second, a minute and a day. */
export const openCounters = (pool: pg.Pool) => ({
  second: openCounter(pool, 'sent-second', 1),
  minute: openCounter(pool, 'sent-minute', 60),
  day: openCounter(pool, 'sent-day', 86_400),
})
