/** The migration benchmark: a short run on the suite's server. */
import { expect, inject, it } from 'vitest'
import { migrateFilled } from '../../bench/migrate/steps.ts'

it('migrates a filled database while others query it, and finds every row', async () => {
  const said: string[] = []
  const measured = await migrateFilled(inject('databaseUrl'), 2_000, (text) => said.push(text))
  expect(measured).toMatchObject({ rows: 2_000, missing: 0, twice: 0 })
  expect(said[0]).toMatch(/^filled with 2000 deliveries/)
  expect([...measured.steps.keys()]).toEqual(
    expect.arrayContaining([
      'migrations',
      'readings of the old ledger',
      'enrollments that are due',
    ]),
  )
  expect(measured.stoodStillSeconds).toBeGreaterThan(0)
  expect(measured.waits).toHaveLength(3)
  for (const { ms, refused } of measured.waits) expect(ms.length).toBeGreaterThan(refused)
})
