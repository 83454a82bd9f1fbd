/** The rights to see everything stored about oneself and to have it erased. */
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { ask, CONSENT, enrolled, type TestApp, testApp } from '../../support/app.ts'
import { holdingMailbox, openMailbox } from '../../support/mailbox.ts'
import { signedIn } from '../../support/members.ts'
import { allRows } from '../../support/web.ts'

const ADA = 'ada@example.com'

/** Two mornings of a reader who did a practice and asked for a new address. */
async function lived(test: TestApp, email = 'ada@example.com') {
  const { first, subscriber } = await enrolled(test, { email })
  const today = test.app.now().toZonedDateTimeISO('Europe/Berlin').toPlainDate()
  for (const days of [1, 2]) {
    const plainTime = '07:00'
    test.clock.set(
      today.add({ days }).toZonedDateTime({ timeZone: 'Europe/Berlin', plainTime }).toInstant(),
    )
    await test.settle()
  }
  const lesson = await test.db
    .selectFrom('deliveries')
    .select('id')
    .where('enrollment_id', '=', first.id)
    .where('kind', '=', 'lesson')
    .orderBy('day')
    .limit(1)
    .executeTakeFirstOrThrow()
  await test.app.reader.markPractice(lesson.id, true)
  const other = email.replace('.com', '.net')
  await test.app.reader.changeAddress(first.id, { spec: other, key: other })
  await test.settle()
  return { first, subscriber, lesson }
}

describe('everything stored about a reader', () => {
  it('includes their name, consents, mails, practices and membership, but no secrets', async () => {
    await using test = await testApp()
    await lived(test, 'bob@example.com')
    const { subscriber } = await lived(test)
    const { token, session } = await signedIn(test)
    await test.app.member.rename(session, 'Ada of Berlin')
    const all = JSON.parse(JSON.stringify(await test.app.reader.exportData(subscriber.id)))
    expect(all.person).toMatchObject({ address: 'ada@example.com', firstName: 'Ada' })
    const [course, daily] = all.enrollments
    expect(course).toMatchObject({ series: 'inner-wisdom', status: 'active' })
    expect(course.rhythm).toMatchObject({ time: '07:00', zone: 'Europe/Berlin' })
    expect(course.consents).toMatchObject([
      { event: 'asked', ...CONSENT },
      { event: 'confirmed', ...CONSENT },
    ])
    expect(course.practices).toMatchObject([{ lesson: 'before-your-feet-touch-the-floor' }])
    // The test confirms by itself, so the confirm mail may or may not have been sent.
    const [, welcome, first, second, change] = course.mails
    const told = [welcome, first, second, change].map(
      ({ kind, day, status }) => `${kind} ${day} ${status}`,
    )
    expect(told).toEqual([
      'welcome null sent',
      'lesson 1 sent',
      'lesson 2 sent',
      'change null sent',
    ])
    expect(first).toMatchObject({ date: '2027-03-22', writtenTo: 'Ada', sentTo: 'ada@example.com' })
    expect(first.readAt).toMatch(/^https:\/\/courses\.example\/lessons\//)
    expect(change).toMatchObject({ sentTo: 'ada@example.net', readAt: null })
    expect(daily.mails.map(({ kind }: { kind: string }) => kind)).toEqual([
      'inspiration',
      'inspiration',
      'sign-in',
    ])
    expect(all.member).toEqual({
      name: 'Ada of Berlin',
      since: String(test.app.now()),
      blockedSince: null,
      sessions: [{ since: String(test.app.now()), lastVisit: String(test.app.now()) }],
    })
    const hashes = (await allRows(test.db)).sessions?.[0]?.match(/\\\\x(\w{64})/)?.[1] ?? ''
    expect(hashes).toHaveLength(64)
    for (const secret of ['bob@example.com', token, hashes])
      expect(JSON.stringify(all)).not.toContain(secret)
  })

  it('cannot be exported once they are erased', async () => {
    await using test = await testApp()
    const { subscriber } = await enrolled(test)
    await test.app.reader.erase(subscriber.id)
    await expect(test.app.reader.exportData(subscriber.id)).rejects.toMatchObject({
      code: 'expired',
    })
  })
})

describe('erasing a reader', () => {
  it('leaves nothing of them in any table but a keyed hash, and nobody else is affected', async () => {
    await using test = await testApp()
    const bob = await lived(test, 'bob@example.com')
    // Somebody else asked to have their mail sent to Ada's address.
    await test.app.reader.changeAddress(bob.first.id, {
      spec: 'Ada@example.com',
      key: 'ada@example.com',
    })
    await test.settle()
    const before = await allRows(test.db)
    const { subscriber, first } = await lived(test)
    const { session } = await signedIn(test)
    await test.app.member.rename(session, 'Ada of Berlin')
    // This request is still waiting when she is erased.
    await test.app.member.requestSignIn({ spec: ADA, key: ADA }, { leadsTo: '/', slowly: true })
    await ask(test, { email: 'ada@example.com', series: ['inner-wisdom'] })
    await test.app.reader.requestRight(first.id, 'erase')
    await test.settle()
    await test.app.reader.erase(subscriber.id)
    await test.app.reader.erase(subscriber.id)

    const after = await allRows(test.db)
    for (const trace of ['ada@example', 'Ada@example', subscriber.id, first.id])
      expect([
        trace,
        Object.keys(after).filter((t) => JSON.stringify(after[t]).includes(trace)),
      ]).toEqual([trace, []])
    expect(await test.app.member.memberOf(session)).toBeNull()
    for (const table of ['members', 'sign_ins', 'sessions', 'sign_in_requests'])
      expect(after[table]).toEqual([])
    expect(after.suppressions).toEqual([expect.stringContaining('erased')])
    for (const table of ['subscribers', 'consents', 'practices'] as const)
      expect(after[table]).toEqual(before[table])
  })

  it('leaves nothing of them in the queue', async () => {
    await using test = await testApp({ backend: 'postgres' })
    const { subscriber } = await enrolled(test)
    await test.settle()
    await test.app.reader.erase(subscriber.id)
    const { rows } = await sql<{ name: string }>`
      select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog',
        'information_schema')`.execute(test.db)
    for (const { name } of rows) {
      const { rows: found } = await sql<{ row: string }>`
        select t::text as row from ${sql.raw(name)} t where t::text like '%ada@example%'`.execute(
        test.db,
      )
      expect(found, name).toEqual([])
    }
  })

  it('stops planned mail, and waits for the mail that is being sent', async () => {
    await using mailbox = await holdingMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { subscriber } = await enrolled(test, { series: ['inner-wisdom'] })
    const worker = await test.work()
    await worker.tick()
    await expect.poll(mailbox.asked, { timeout: 10_000 }).toBe(1) // the welcome
    test.clock.set('2027-03-20T06:00:00Z')
    await test.app.sender.plan()
    let erased = false
    const erasing = test.app.reader.erase(subscriber.id).then(() => {
      erased = true
    })
    await expect
      .poll(async () => (await test.app.operator.status()).deliveries.skipped, { timeout: 10_000 })
      .toBeGreaterThan(0)
    expect(erased).toBe(false)
    mailbox.release()
    await erasing
    const count = mailbox.received.length
    test.clock.set('2027-03-21T06:00:00Z')
    await test.settle()
    expect(mailbox.received).toHaveLength(count)
  })

  it('keeps an operator from bringing them back', async () => {
    await using test = await testApp()
    const { subscriber } = await enrolled(test)
    await test.app.reader.erase(subscriber.id)
    const series = [...test.app.series.values()].slice(0, 1)
    const address = { spec: 'Ada@Example.com', key: 'ada@example.com' }
    const request = {
      address,
      firstName: 'Ada',
      rhythm: { time: '07:00', zone: 'UTC', weekdays: [1] as const },
    }
    await expect(
      test.app.operator.enroll({ ...request, series, consent: CONSENT, vouched: true }),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(await test.app.operator.subscriberByKey('ada@example.com')).toBeUndefined()
  })

  it('is undone if they enroll again themselves and confirm', async () => {
    await using mailbox = await openMailbox()
    await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
    const { subscriber } = await enrolled(test)
    await test.settle()
    await test.app.reader.erase(subscriber.id)
    mailbox.received.length = 0
    test.clock.set(test.app.now().add({ hours: 24 })) // one confirm mail a day
    const again = await ask(test, { series: ['inner-wisdom'] })
    await test.settle()
    expect(mailbox.received.map(({ mail }) => mail.subject)).toEqual([
      'Please confirm your address',
    ])
    expect((await allRows(test.db)).suppressions).toHaveLength(1)
    await test.app.reader.confirm(again.id, CONSENT)
    expect((await allRows(test.db)).suppressions).toEqual([])
    test.clock.set('2027-03-21T06:00:00Z')
    await test.settle()
    // The welcome is sent at the same time.
    expect(mailbox.received.slice(-2).map(({ mail }) => mail.text)).toContainEqual(
      expect.stringContaining('Day 1 of 30'),
    )
  })
})

it('erases an address outside ASCII, however it was spelled', async () => {
  await using test = await testApp()
  const { subscriber } = await lived(test, 'Ünal@example.com')
  // Somebody else once entered it by mistake.
  const { first } = await enrolled(test, { email: 'eve@example.com' })
  await test.app.reader.changeAddress(first.id, {
    spec: 'üNAL@example.com',
    key: 'ünal@example.com',
  })
  await test.settle()
  await test.app.reader.erase(subscriber.id)
  await test.settle()
  const left = JSON.stringify(await allRows(test.db))
  expect(left).toContain('eve@example.com')
  expect(left).not.toMatch(/ünal@/i)
})
