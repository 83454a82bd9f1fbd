/** What sent mails have in common is stored once, and each of them still returns all of it. */
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { readerDeliveries, reading, reports, rights } from '../../src/store/index.ts'
import { finish } from '../../src/store/outcomes.ts'
import { enrolled, type TestApp, testApp } from '../support/app.ts'
import { ledger } from '../support/ledger.ts'
import { openMailbox } from '../support/mailbox.ts'

interface Raw {
  readonly id: string
  readonly sending: number | null
  readonly edition: string | null
  readonly server: string | null
  readonly message_id: string | null
  readonly reply: string | null
  readonly try_at: Temporal.Instant | null
}

const PEOPLE = ['a', 'b', 'c'].map((name) => `${name}@example.com`)
/** The reply of the test mailbox to each mail. */
const REPLY = '250 OK: message queued'

/** The rows of the table: the first mail that was sent, then the others. */
const raw = ({ db }: TestApp) =>
  db
    .selectFrom('deliveries')
    .select(['id', 'sending', 'edition', 'server', 'message_id', 'reply', 'try_at'])
    .where('kind', '=', 'welcome')
    .orderBy(sql`sending is not null`)
    .execute()

const BARE = { edition: null, server: null, message_id: null, try_at: null }

/** Three welcomes of one edition, one after the other. */
async function sendThree(test: TestApp): Promise<Raw[]> {
  for (const address of PEOPLE) {
    await enrolled(test, { email: address, series: ['inner-wisdom'] })
    await test.settle()
  }
  return raw(test)
}

it('the first mail of an edition stores its values, and the others refer to them by number', async () => {
  await using mailbox = await openMailbox()
  await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
  const [first, second, third] = await sendThree(test)
  const sendings = await test.db.selectFrom('sendings').selectAll().execute()
  expect(sendings.map(({ id, ...sending }) => sending)).toContainEqual({
    edition: first?.edition,
    server: first?.server,
    domain: first?.message_id?.slice(1),
    reply: REPLY,
  })
  expect(first).toMatchObject({ sending: null, try_at: null })
  const { id } = sendings.find(({ edition }) => edition === first?.edition) ?? {}
  for (const row of [second, third]) expect(row).toMatchObject({ ...BARE, sending: id })
})

it('every query of the ledger returns the same for both', async () => {
  await using mailbox = await openMailbox()
  await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
  const rows = await sendThree(test)
  const kept = (await ledger(test)).filter(({ kind }) => kind === 'welcome')
  expect(new Set(kept.map(({ edition }) => edition))).toEqual(new Set([rows[0]?.edition]))
  expect(new Set(kept.map(({ server }) => server))).toEqual(new Set([rows[0]?.server]))
  const received = mailbox.received.map(({ mail }) => mail.messageId)
  for (const { message_id } of kept) expect(received).toContain(message_id)
  for (const address of PEOPLE) {
    const person = await test.db
      .selectFrom('subscribers')
      .selectAll()
      .where('address', '=', address)
      .executeTakeFirstOrThrow()
    const [mail] = await readerDeliveries.mailsTo(test.db, person.id, 1)
    expect(mail).toMatchObject({ server: rows[0]?.server, kind: 'welcome', reply: REPLY })
    const messageId = mail?.message_id ?? ''
    expect(
      await reports.mailByMessageId(test.db, { subscriberId: person.id, messageId }),
    ).toMatchObject({ messageId, kind: 'welcome' })
    const { deliveries } = await rights.everything(test.db, person)
    expect(deliveries).toContainEqual(
      expect.objectContaining({ server: rows[0]?.server, messageId, reply: REPLY }),
    )
  }
})

it('a page shows the sent text of a mail that refers to its edition by number', async () => {
  await using mailbox = await openMailbox()
  await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
  for (const [index, email] of PEOPLE.entries()) {
    await enrolled(test, { email, series: ['inner-wisdom'] })
    test.clock.set(`2027-03-2${index}T06:00:00Z`)
    await test.settle()
  }
  const lessons = await test.db
    .selectFrom('deliveries')
    .select(['id', 'enrollment_id'])
    .where('kind', '=', 'lesson')
    .where('day', '=', 1)
    .where('status', '=', 'sent')
    .execute()
  expect(lessons).toHaveLength(PEOPLE.length)
  for (const { id, enrollment_id } of lessons) {
    expect((await reading.mailOf(test.db, id))?.edition).toMatch(/^[0-9a-f]{32}$/)
    const received = await reading.received(test.db, enrollment_id)
    expect(received[0]).toMatchObject({ id, subject: expect.stringMatching(/\w/) })
  }
})

/** Welcomes that a worker is sending, with this Message-ID, ours or that of an earlier version. */
async function beingSent(test: TestApp, name = '@example.com'): Promise<string[]> {
  for (const email of PEOPLE) await enrolled(test, { email, series: ['inner-wisdom'] })
  await sql`delete from ledger where kind <> 'welcome'`.execute(test.db)
  await sql`update ledger set status = 'sending', attempts = 1, worker = 'w',
    message_id = ${name}`.execute(test.db)
  const ids = (await ledger(test)).map(({ id }) => id)
  expect(ids).toHaveLength(PEOPLE.length)
  return ids
}

const SENDING = { edition: 'e', server: 's', domain: 'example.com', reply: '' }

it.each([
  ['has not come', 'refuse', '@example.com'],
  ['was named by an earlier version', 'accept', '<0193-4a5b@example.com>'],
] as const)('a mail that %s stores all of it', async (_, move, name) => {
  await using test = await testApp()
  await test.db
    .insertInto('sendings')
    .values([SENDING, { ...SENDING, domain: '' }])
    .execute()
  const ids = await beingSent(test, name)
  const result = { attempt: 1, move, sentAt: test.clock.now(), edition: 'e', server: 's' }
  for (const id of ids) await finish(test.db, [{ id, ...result }])
  expect(await raw(test)).toMatchObject(
    ids.map(() => ({ sending: null, edition: 'e', server: 's', message_id: name })),
  )
})

it.each([
  ['250 2.0.0 Ok: queued as 4SxYz12AbC', '250 2.0.0 Ok: queued as '],
  ['250 OK id=1qXyZa-0002bC-3D', '250 OK id='],
  ['250 2.0.0 5b2a1c3d Message accepted for delivery', '250 2.0.0 '],
  ['250 2.0.0 OK  1698412345 a1-20020abc - example', '250 2.0.0 OK  '],
  ['250 2.6.0 <a@b> [InternalId=12] Queued mail for delivery', '250 2.6.0 <'],
  ['250 abcdef', '250 '],
  ['250 ok', '250 ok'],
  ['251 user not local', ''],
])('of %j the start is stored once, and all is returned', async (reply, firstWords) => {
  await using test = await testApp()
  const result = { attempt: 1, move: 'accept', sentAt: test.clock.now(), edition: 'e' } as const
  for (const id of await beingSent(test)) await finish(test.db, [{ id, ...result, reply }])
  const sendings = await test.db.selectFrom('sendings').selectAll().execute()
  expect(sendings).toMatchObject([{ reply: firstWords, server: '' }])
  expect((await ledger(test)).map((row) => row.reply)).toEqual(PEOPLE.map(() => reply))
  expect((await raw(test)).map((row) => row.reply)).toEqual([
    reply,
    ...PEOPLE.slice(1).map(() => reply.slice(firstWords.length) || null),
  ])
})

it('workers that record the first mails of an edition at once store its values once', async () => {
  await using test = await testApp()
  const ids = await beingSent(test)
  const sentAt = test.clock.now()
  await Promise.all(
    ids.map((id) =>
      finish(test.db, [{ id, attempt: 1, move: 'accept', sentAt, edition: 'e', server: 's' }]),
    ),
  )
  const sendings = await test.db.selectFrom('sendings').selectAll().execute()
  expect(sendings).toMatchObject([SENDING])
  expect((await ledger(test)).map(({ edition, server }) => [edition, server])).toEqual(
    ids.map(() => ['e', 's']),
  )
})
