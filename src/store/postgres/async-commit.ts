/** How rate-limiter-flexible's counts reach the database: without waiting for its disk. */
import type pg from 'pg'

interface Statement {
  readonly text: string
}

/** All that rate-limiter-flexible needs of a pool. */
export interface CountingClient {
  query(statement: Statement): Promise<pg.QueryResult>
}

/**
 * Everybody counts in the same few rows, and a row is locked until the count is on disk: a limit of
 * 500 mails a second came to 90, and pages waited for the connections that waited for each other. A
 * crash of the database may lose the counts of the last second, which no limit needs.
 */
export const asyncCommitClient = (pool: pg.Pool): CountingClient => ({
  query: (statement) => pool.query({ ...statement, text: withAsyncCommit(statement.text) }),
})

/** For this statement alone, also behind a pooler: the setting ends with it. */
const withAsyncCommit = (text: string) =>
  text.replace('RETURNING points, expire', `$&, set_config('synchronous_commit', 'off', true)`)
