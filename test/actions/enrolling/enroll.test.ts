import { describe, expect, it } from 'vitest'
import { ask, enrolled, testApp } from '../../support/app.ts'

const confirmations = ({ db }: Awaited<ReturnType<typeof testApp>>) =>
  db
    .selectFrom('deliveries')
    .select(['item', 'status', 'created_at'])
    .where('kind', '=', 'confirm')
    .orderBy('id')
    .execute()

describe('enroll', () => {
  it('stores a pending enrollment per series, the consent as shown, and one confirm mail', async () => {
    await using test = await testApp()
    await ask(test)
    const enrollments = await test.db.selectFrom('enrollments').selectAll().execute()
    expect(enrollments.map(({ series, status }) => [series, status])).toEqual([
      ['inner-wisdom', 'pending'],
      ['daily-inspiration', 'pending'],
    ])
    const consents = await test.db.selectFrom('consents').selectAll().execute()
    expect(consents.map(({ event, wording }) => [event, wording])).toEqual([
      ['asked', 'I ask for it'],
      ['asked', 'I ask for it'],
    ])
    expect(await confirmations(test)).toHaveLength(1)
  })

  it('sends one more confirm mail on a later day, and then no more', async () => {
    await using test = await testApp({ start: '2027-03-01T12:00:00Z' })
    for (const day of ['01', '01', '02', '03', '04', '05']) {
      test.clock.set(`2027-03-${day}T13:00:00Z`)
      await ask(test)
    }
    expect((await confirmations(test)).map(({ item }) => item)).toEqual(['1', '2'])
    expect(await test.db.selectFrom('enrollments').select('id').execute()).toHaveLength(2)
  })

  it('sends one confirm mail a day to an address, whatever series are requested', async () => {
    await using test = await testApp()
    await ask(test, { series: ['inner-wisdom'] })
    await ask(test, { series: ['daily-inspiration'] })
    expect(await confirmations(test)).toHaveLength(1)
  })

  it('changes nothing for somebody already enrolled, and sends no mail', async () => {
    await using test = await testApp()
    const { first } = await enrolled(test)
    test.clock.set('2027-03-21T12:00:00Z')
    await ask(test, {
      rhythm: { time: '22:00', zone: 'Asia/Tokyo', weekdays: [1] },
      firstName: 'Mallory',
    })
    const [again] = await test.app.operator.enrollmentsOf(first.subscriber_id)
    expect(again).toEqual(first)
    expect((await test.app.operator.subscriberByKey('ada@example.com'))?.first_name).toBe('Ada')
    expect(await confirmations(test)).toHaveLength(1)
  })

  it('treats simultaneous requests as one', async () => {
    await using test = await testApp()
    await Promise.all(Array.from({ length: 8 }, () => ask(test)))
    expect(await test.db.selectFrom('enrollments').select('id').execute()).toHaveLength(2)
    expect(await confirmations(test)).toHaveLength(1)
  })

  it('lets somebody who left start again from day 1', async () => {
    await using test = await testApp()
    const { first, subscriber } = await enrolled(test)
    await test.app.reader.unsubscribe(first.id, 'everything', {
      wording: '',
      language: 'en',
      version: '2',
      source: '',
      network: '',
    })
    test.clock.set('2027-04-21T12:00:00Z')
    await ask(test)
    await test.settle()
    expect(await confirmations(test)).toMatchObject([{ status: 'skipped' }, { status: 'sent' }])
    await test.app.reader.confirm(subscriber.id, {
      wording: '',
      language: 'en',
      version: '2',
      source: '',
      network: '',
    })
    const now = await test.app.operator.enrollmentsOf(subscriber.id)
    expect(now.map(({ status }) => status)).toEqual(['left', 'left', 'active', 'active'])
    expect((await test.app.reader.overviewOf(subscriber.id))?.overviews[0]?.nextDay).toBe(1)
    expect(await test.db.selectFrom('suppressions').selectAll().execute()).toEqual([])
  })

  it('skips all mail to a suppressed address', async () => {
    await using test = await testApp()
    const { subscriber } = await enrolled(test)
    await test.db
      .insertInto('suppressions')
      .values({
        address_hash: subscriber.address_hash,
        reason: 'complaint',
        created_at: String(test.clock.now()),
      })
      .execute()
    test.clock.set('2027-03-20T06:00:00Z')
    await test.settle()
    const ledger = await test.db
      .selectFrom('deliveries')
      .select(['kind', 'status'])
      .orderBy('id')
      .execute()
    expect(new Set(ledger.map(({ status }) => status))).toEqual(new Set(['skipped']))
  })
})

describe('confirm', () => {
  it('starts today if the chosen time is still ahead, otherwise tomorrow', async () => {
    await using test = await testApp({ start: '2027-03-19T05:59:00Z' })
    const early = await enrolled(test, { email: 'early@example.com' })
    expect(String(early.first.due_on)).toBe('2027-03-19')
    test.clock.set('2027-03-19T06:00:00Z')
    const late = await enrolled(test, { email: 'late@example.com' })
    expect(String(late.first.due_on)).toBe('2027-03-20')
  })

  it('starts on the next chosen weekday', async () => {
    await using test = await testApp({ start: '2027-03-19T12:00:00Z' }) // a Friday
    const { first } = await enrolled(test, {
      rhythm: { time: '06:30', zone: 'America/New_York', weekdays: [3] },
    })
    expect(String(first.due_at)).toBe('2027-03-24T10:30:00Z')
  })

  it('does nothing the second time', async () => {
    await using test = await testApp()
    const { subscriber, enrollments } = await enrolled(test)
    test.clock.set('2027-03-25T12:00:00Z')
    const consent = { wording: '', language: 'en', version: '2', source: '', network: '' }
    expect(await test.app.reader.confirm(subscriber.id, consent)).toEqual(enrollments)
    const welcomes = await test.db
      .selectFrom('deliveries')
      .select('id')
      .where('kind', '=', 'welcome')
      .orderBy('id')
      .execute()
    expect(welcomes).toHaveLength(1)
  })

  it('says that the link has expired for somebody who has left or was erased', async () => {
    await using test = await testApp()
    const { first, subscriber } = await enrolled(test)
    const consent = { wording: '', language: 'en', version: '2', source: '', network: '' }
    await test.app.reader.unsubscribe(first.id, 'everything', consent)
    await expect(test.app.reader.confirm(subscriber.id, consent)).rejects.toMatchObject({
      code: 'expired',
    })
    await test.db.deleteFrom('subscribers').execute()
    await expect(test.app.reader.confirm(subscriber.id, consent)).rejects.toMatchObject({
      code: 'expired',
    })
  })
})

describe('purge', () => {
  it('deletes people who never confirmed after two weeks, and nobody else', async () => {
    await using test = await testApp({ start: '2027-03-01T12:00:00Z' })
    await ask(test, { email: 'never@example.com' })
    await enrolled(test, { email: 'ada@example.com' })
    test.clock.set('2027-03-15T11:59:00Z')
    await ask(test, { email: 'new@example.com' })
    await test.app.sender.purge()
    expect(await test.app.operator.subscriberByKey('never@example.com')).toBeDefined()
    test.clock.set('2027-03-15T12:01:00Z')
    await test.app.sender.purge()
    expect(await test.app.operator.subscriberByKey('never@example.com')).toBeUndefined()
    expect(await test.app.operator.subscriberByKey('ada@example.com')).toBeDefined()
    expect(await test.app.operator.subscriberByKey('new@example.com')).toBeDefined()
  })
})
