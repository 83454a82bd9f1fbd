/** A rolling upgrade: an older worker on a database that a newer version has migrated. */
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { enrolled, testApp } from '../support/app.ts'
import { keptLog } from '../support/log.ts'
import { until } from '../support/wait.ts'

it('stops planning and sending, with one sentence, once a newer version migrates the database', async () => {
  const { log, messages } = keptLog()
  await using test = await testApp({ log })
  await enrolled(test, { series: ['inner-wisdom'] })
  await test.settle()
  await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2099')`.execute(
    test.db,
  )
  await sql`alter table enrollments rename column due_at to due_from`.execute(test.db)
  await sql`alter table deliveries rename column try_at to from_then_on`.execute(test.db)
  test.clock.set('2027-03-20T08:00:00Z')
  await until('the worker to notice', () => messages().length > 0)
  // Long enough for every periodic task to have run once: each checks the schema first.
  const asked = await test.app.sender.isOutdated()
  const worker = await test.work()
  await worker.close()
  expect([asked, messages().length]).toEqual([true, 1])
  expect(messages()[0]).toMatch(/^a newer version of Dawnpost has migrated the database/)
  const { rows } = await sql`select from deliveries where kind = 'lesson'`.execute(test.db)
  expect(rows).toEqual([])
})
