import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { ensureKnown } from '../../../src/store/signing-keys.ts'
import { type TestApp, testApp } from '../../support/app.ts'
import { until } from '../../support/wait.ts'

const OLD = 'the older key of this house'
const NEW = 'the newer key of this house'
const OTHER = 'the key of another house'

/** Another process on the same database. */
const beside = ({ app }: TestApp, SECRET_KEY: string) =>
  testApp({ env: { DATABASE_URL: app.databaseUrl, SECRET_KEY } })

describe('a process that starts on a database used by others', () => {
  it('starts with their key', async () => {
    await using first = await testApp({ env: { SECRET_KEY: OLD } })
    await using _ = await beside(first, OLD)
  })

  it('is refused with another key, with a message that says what to do', async () => {
    await using first = await testApp({ env: { SECRET_KEY: OLD } })
    await expect(beside(first, OTHER)).rejects.toMatchObject({
      name: 'Problem',
      code: 'unavailable',
      message: expect.stringMatching(
        /same SECRET_KEY, or the same DATA_DIR .* SECRET_KEY=new,old\.$/,
      ),
    })
    const kept = await first.db.selectFrom('signing_keys').select('name').execute()
    expect(kept).toHaveLength(1)
  })

  it('may bring a new key along with theirs, and later drop the old one', async () => {
    await using first = await testApp({ env: { SECRET_KEY: OLD } })
    await using _ = await beside(first, `${NEW},${OLD}`)
    await using __ = await beside(first, NEW)
    await using ___ = await beside(first, OLD)
    await expect(beside(first, OTHER)).rejects.toThrow('signed with another key')
  })
})

it('of processes that start together on a fresh database with different keys, one wins', async () => {
  await using test = await testApp()
  await test.db.deleteFrom('signing_keys').execute()
  const names = Array.from({ length: 6 }, (_, index) => `key ${index}`)
  let starting: Promise<boolean[]> | undefined
  // The lock lets none of them read before all of them have arrived.
  await test.db.transaction().execute(async (tx) => {
    await sql`lock table signing_keys in access exclusive mode`.execute(tx)
    starting = Promise.all(names.map((name) => ensureKnown(test.db, [name], test.app.now())))
    await until('all of them to wait', async () => {
      const waiting = sql<{ count: string }>`select count(*) from pg_locks l
        where not l.granted and l.relation = 'signing_keys'::regclass`
      return Number((await waiting.execute(tx)).rows[0]?.count) === names.length
    })
  })
  expect((await starting)?.filter(Boolean)).toHaveLength(1)
  expect(await test.db.selectFrom('signing_keys').select('name').execute()).toHaveLength(1)
})
