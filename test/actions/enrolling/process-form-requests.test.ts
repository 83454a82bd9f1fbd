import { describe, expect, it } from 'vitest'
import { readAddress } from '../../../src/domain/address.ts'
import { add } from '../../../src/store/requests.ts'
import { BERLIN_SEVEN, CONSENT, type TestApp, testApp } from '../../support/app.ts'

/** What a web process leaves behind if it is killed after its response. */
const leave = ({ db, app }: TestApp, email = 'ada@example.com', changes: object = {}) => {
  const address = readAddress(email)
  if (!address) throw new Error(`${email} is no address`)
  const request = { address, firstName: 'Ada', series: ['inner-wisdom'], rhythm: BERLIN_SEVEN }
  return add(db, { ...request, consent: CONSENT, ...changes }, app.now())
}

const counts = async ({ db }: TestApp) => {
  const rows = await Promise.all([
    db.selectFrom('requests').select('id').execute(),
    db.selectFrom('enrollments').select('id').execute(),
    db.selectFrom('deliveries').select('id').where('kind', '=', 'confirm').orderBy('id').execute(),
  ])
  return rows.map(({ length }) => length)
}

describe('a request that its web process did not get to', () => {
  it('is carried out by a worker, and is dated when it was made', async () => {
    await using test = await testApp()
    await leave(test)
    const askedAt = test.app.now()
    test.clock.set(askedAt.add({ hours: 2 }))
    expect(await counts(test)).toEqual([1, 0, 0])
    await test.settle()
    expect(await counts(test)).toEqual([0, 1, 1])
    const consent = await test.db.selectFrom('consents').selectAll().executeTakeFirstOrThrow()
    expect(consent).toMatchObject({ event: 'asked', at: askedAt, ...CONSENT })
  })

  it('is carried out once, however many processes try', async () => {
    await using test = await testApp()
    await using other = await testApp({ env: { DATABASE_URL: test.app.databaseUrl } })
    for (let n = 0; n < 20; n++) await leave(test, `p${n}@example.com`)
    await Promise.all([
      test.app.sender.processRequests(),
      other.app.sender.processRequests(),
      test.app.sender.processRequests(),
    ])
    expect(await counts(test)).toEqual([0, 20, 20])
  })

  it('does not hold up others if it can never be carried out', async () => {
    await using test = await testApp()
    await leave(test, 'ada@example.com', { rhythm: { ...BERLIN_SEVEN, time: '7 o’clock' } })
    await leave(test, 'eve@example.com')
    await test.app.sender.processRequests()
    expect(await counts(test)).toEqual([0, 1, 1])
  })

  it('is dropped if its series is gone', async () => {
    await using test = await testApp()
    await leave(test, 'ada@example.com', { series: ['gone'] })
    await test.app.sender.processRequests()
    expect(await counts(test)).toEqual([0, 0, 0])
    expect(await test.app.operator.subscriberByKey('ada@example.com')).toBeUndefined()
  })
})
