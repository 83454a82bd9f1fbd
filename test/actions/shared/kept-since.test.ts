/** What readers are told when the ledger used to be kept for a shorter time than it is now. */
import { expect, it } from 'vitest'
import { ledgerDrop, ledgerParts } from '../../../src/store/index.ts'
import { newId } from '../../../src/store/postgres/sql.ts'
import { enrolled, testApp } from '../../support/app.ts'

/** The id of a mail so old that nothing is left of it. */
const GONE = newId(Temporal.Instant.from('2027-04-01T00:00:00Z'))
const JUNE = Temporal.PlainYearMonth.from('2027-06')

it('what was dropped under an older limit is not reported as kept', async () => {
  await using test = await testApp({ env: { KEEP_PASSING_DAYS: '365' } })
  const { subscriber, first } = await enrolled(test, { series: ['daily-inspiration'] })
  await test.db.deleteFrom('ledger').execute()
  test.clock.set('2027-07-10T12:00:00Z')
  const { reader } = test.app
  expect(await reader.daysOf(first.id)).toMatchObject({ keptSince: null })
  expect(await reader.whyGone(GONE)).toMatchObject({ key: 'email.gone' })
  await ledgerParts.make(test.db, { of: 'passing', month: JUNE })
  for (const { of, month } of await ledgerParts.all(test.db))
    if (of === 'passing' && !month.equals(JUNE))
      await ledgerDrop.dropPassing(test.db, { of, month })
  expect(String((await reader.daysOf(first.id))?.keptSince)).toBe('2027-06-01')
  expect(await reader.whyGone(GONE)).toMatchObject({ key: 'email.not-kept' })
  await expect(reader.sendAgain(first.id)).rejects.toMatchObject({
    key: 'control.again.not-kept',
  })
  const { mailsKept } = await reader.exportData(subscriber.id)
  expect(String(mailsKept.inspirationsAndRequestsSince)).toBe('2027-06-01')
})
