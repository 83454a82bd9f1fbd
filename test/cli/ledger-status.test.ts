import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { sandbox } from '../../src/store/index.ts'
import { newId } from '../../src/store/postgres/sql.ts'
import { testApp } from '../support/app.ts'
import { command } from '../support/program.ts'

it('status shows the partition to be dropped next, and what is left of the old ledger', async () => {
  await using test = await testApp({ start: '2027-03-19T12:00:00Z' })
  await test.app.sender.maintainLedger()
  const id = newId(Temporal.Instant.from('2025-01-02T03:04:05Z'))
  await sql`insert into ledger (id, enrollment_id, series, kind, item, local_date, due_at,
    until, try_at, created_at, status, retention)
    values (${id}, ${id}, 's', 'lesson', '1', '2025-01-02', now(), now(), now(), now(), 'sent',
      0)`.execute(test.db)
  const now = Temporal.Instant.from('2027-06-01T12:00:00Z')
  await sandbox.moveClock(test.db, now.epochMilliseconds - Date.now())
  const { stdout } = await command(['status'], {
    DATABASE_URL: test.app.databaseUrl,
    SECRET_KEY: 'a key for tests and for nothing else',
  })
  expect(stdout).toMatch(
    /^Drops {8}deliveries_passing_2027_03 from 2027-06-30 on: about \d+ rows, 1 MB$/m,
  )
  expect(stdout).not.toContain('deliveries_passing_2027_05')
  expect(stdout).toMatch(/^Moves {8}.* left, from 2025-01-02T03:04:05Z to 2025-01-02T03:04:05Z$/m)
})
