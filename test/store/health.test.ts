/** The facts about a database are right on a real one. */
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { judgeDatabase } from '../../src/domain/doctor/judge-database.ts'
import { health } from '../../src/store/index.ts'
import { testApp } from '../support/app.ts'
import { OTHER_PROGRAMS } from '../support/postgres.ts'

const now = () => Temporal.Now.instant()

// An older server can have older time zones, and its age is a finding of its own.
const itEmbedded = it.skipIf(OTHER_PROGRAMS !== undefined)
itEmbedded('of the one that comes with the program there is nothing to mend', async () => {
  await using test = await testApp()
  // The suite's server has autovacuum off to be fast, and other tests have used this database.
  await sql`vacuum ledger`.execute(test.db)
  const facts = await health.facts(test.db, now)
  expect(facts).toMatchObject({
    version: expect.any(Number),
    encoding: 'UTF8',
    missingRights: [],
    migration: { pending: 0, newer: null },
    slotBytes: 0,
  })
  expect(Math.abs(facts.aheadMs)).toBeLessThan(2_000)
  expect(facts.zones.map(({ here }) => here)).toEqual(facts.zones.map(({ there }) => there))
  expect(facts.zones.find(({ zone }) => zone === 'America/Vancouver')?.here).toBe(
    '2026-12-01 13:00',
  )
  const findings = judgeDatabase({ where: 'here', ...facts, autovacuum: true })
  expect(findings.filter(({ severity }) => severity !== 'ok')).toEqual([])
})

it('a wrong clock, missing or newer migrations, and an idle open transaction are noticed', async () => {
  await using test = await testApp()
  const { numAffectedRows } = await sql`
    delete from kysely_migration where name >= '0044'`.execute(test.db)
  await sql`insert into kysely_migration values ('9999-from-later', '2027-01-01')`.execute(test.db)
  const late = () => now().subtract({ minutes: 5 })
  const facts = await test.db.transaction().execute(async (tx) => {
    await sql`select 1`.execute(tx)
    return health.facts(test.db, late)
  })
  expect(facts.migration).toEqual({
    pending: Number(numAffectedRows),
    newer: '9999-from-later',
  })
  expect(facts.migration.pending).toBeGreaterThan(1)
  expect(facts.aheadMs).toBeGreaterThan(290_000)
  expect(facts.oldestIdle).toBeGreaterThan(0)
  expect(facts.oldestIdle).toBeLessThan(60)
})
