/** Frequent statements are parsed and planned once per connection. */
import { sql } from 'kysely'
import { expect, inject, it } from 'vitest'
import * as stores from '../../../src/store/index.ts'
import type { Db } from '../../../src/store/postgres/sql.ts'
import { openScratch } from '../../support/scratch.ts'

const known = async (db: Db) => {
  const { rows } = await sql<{ name: string }>`
    select name from pg_prepared_statements order by name`.execute(db)
  return rows.map(({ name }) => name)
}

it('a frequent statement has a name, whether it is raw SQL or from the query builder', async () => {
  const { db, close } = await openScratch(inject('templates').live)
  try {
    await db.connection().execute(async (one) => {
      for (const _ of 'ab') {
        await stores.due.nextAt(one, ['inner-wisdom'])
        await stores.courses.live(one)
      }
      expect(await known(one)).toEqual(['live-courses', 'next-due'])
    })
  } finally {
    await close()
  }
})

it('a frequent statement has the same text whatever its values', async () => {
  const { db, close } = await openScratch(inject('templates').live)
  const sign = { name: 'one', plans: true, servers: {}, metrics: [] }
  try {
    await db.connection().execute(async (one) => {
      for (const ms of [null, 1_500])
        await stores.processes.beat(one, {
          ...sign,
          plannedAgoMs: ms,
          sendingAgoMs: ms,
          acceptedAgoMs: ms,
        })
      for (const orphans of [true, false])
        await stores.leases.reapExpired(one, Temporal.Now.instant(), {
          doubtSeconds: 60,
          handedOverBy: async () => new Map(),
          orphans,
        })
      expect(await known(one)).toEqual(['beat', 'gone-workers', 'gone-workers-and-orphans'])
    })
  } finally {
    await close()
  }
})
