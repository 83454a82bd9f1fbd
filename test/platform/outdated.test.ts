/** How often the database is queried whether a newer version has migrated it. */
import { expect, it } from 'vitest'
import { openOutdated } from '../../src/platform/outdated.ts'
import { keptLog } from '../support/log.ts'

const HOUR = 3_600_000

it('the database is queried anew unless a recent answer is good enough', async () => {
  const { log, messages } = keptLog()
  let asked = 0
  let newer: string | null = null
  const isOutdated = openOutdated(async () => {
    asked += 1
    return newer
  }, log)
  expect([await isOutdated(HOUR), await isOutdated(HOUR), asked]).toEqual([false, false, 1])
  newer = '9999-later'
  expect([await isOutdated(HOUR), asked]).toEqual([false, 1])
  expect([await isOutdated(), asked, messages().length]).toEqual([true, 2, 1])
  // Once outdated, it stays so without another query.
  expect([await isOutdated(), await isOutdated(HOUR), asked]).toEqual([true, true, 2])
})
