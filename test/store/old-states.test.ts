/**
 * A database in use, migrated from the first version on: what rows once said in words now has
 * columns of its own.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate, migrateInTransaction } from '../../src/store/postgres/migrate.ts'
import type { Db } from '../../src/store/postgres/sql.ts'
import { openScratch } from '../support/scratch.ts'

/** The last migration before these columns. */
const OLDER = '0028-restores'

let db: Db
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, close } = await openScratch('template0'))
  await upTo('0001-start')
  await addReader('early')
  await sql`insert into deliveries (id, enrollment_id, subscriber_id, series, kind, item,
    local_date, due_at, until, status, reason, try_at, created_at)
    select gen_random_uuid(), id, subscriber_id, 'inner-wisdom', 'lesson', 'disabled at first',
      current_date, now(), now(), 'refused',
      'the mailbox is disabled: 550 5.2.1 disabled', now(), now() from enrollments`.execute(db)
  await upTo(OLDER)
  await addReader('ada')
  for (const [item, state] of Object.entries(WRITTEN)) await addDelivery('ada', item, state)
  await addReader('paused')
  await sql`update enrollments set paused_at = now(), due_at = null
    where subscriber_id = (select id from subscribers where address = 'paused')`.execute(db)
  for (const [item, state] of Object.entries(UNKNOWN)) await addDelivery('ada', item, state)
  for (const [item, state] of Object.entries(PAUSED)) await addDelivery('paused', item, state)
  await sql`insert into paces (name, per_minute, slowed_at) values
    ('a:25', 60, ${AT}), ('halted: a:25', 26, ${AT}), ('believed: a:25', 1, ${AT}),
      ('believed: b:25', 1, ${AT})`.execute(db)
  await migrate(db)
})
afterAll(() => close?.())

const upTo = (name: string) => db.transaction().execute((tx) => migrateInTransaction(tx, name))

async function addReader(name: string) {
  await sql`with person as (
      insert into subscribers (id, address, address_key, address_hash, first_name, created_at)
      values (gen_random_uuid(), ${name}, ${name}, ${Buffer.from(name)}, ${name}, now())
        returning id)
    insert into enrollments (id, subscriber_id, series, status, time_of_day, zone, weekdays, due_on,
      due_at, created_at)
    select gen_random_uuid(), id, 'inner-wisdom', 'active', '07:00', 'UTC', '{1}', current_date,
      now(), now() from person`.execute(db)
}

interface State {
  readonly status: string
  readonly reason?: string
  readonly kind?: string
  readonly resends?: number
  /** When it is tried next, and when its window closes. */
  readonly tryAt?: string
  readonly until?: string
}

/** When servers were halted, believed and slowed down. */
const AT = '2027-03-19T06:00:00Z'
/** When windows close. */
const END = '2099-03-20T18:00:00Z'

const addDelivery = (
  reader: string,
  item: string,
  {
    status,
    reason = '',
    kind = 'again',
    resends = 0,
    tryAt = '2027-03-20T06:00:00Z',
    until = END,
  }: State,
) =>
  sql`insert into deliveries (id, enrollment_id, series, kind, item, local_date, due_at, until,
    status, resends, reason, try_at, created_at)
    select gen_random_uuid(), e.id, 'inner-wisdom', ${kind}, ${item}, current_date, now(), ${until},
      ${status}, ${resends},
      nullif(${reason}, ''), ${tryAt}, now()
    from enrollments e join subscribers s on s.id = e.subscriber_id
      where s.address = ${reader}`.execute(db)

/** Deliveries of a reader who gets their mails. */
const WRITTEN: Record<string, State & { readonly code: string | null }> = {
  disabled: {
    status: 'refused',
    reason: 'the mailbox is disabled: 550 5.2.1 disabled',
    code: 'mailbox_disabled',
  },
  refused: { status: 'refused', reason: '552 5.3.4 too large', code: null },
  'left out': { status: 'skipped', reason: 'skipped by the reader', code: 'skipped_by_reader' },
  unwanted: { status: 'skipped', reason: 'left or suppressed', code: null },
  unfit: { status: 'planned', reason: 'cannot be composed: x', code: 'not_composed' },
  'unfit, deferred': { status: 'retry', reason: 'cannot be composed: x', code: 'not_composed' },
  'unfit, tried again': {
    status: 'sending',
    reason: 'cannot be composed: x',
    code: 'not_composed',
  },
  'unfit, too late': {
    status: 'expired',
    reason: 'cannot be composed: x; its window closed',
    code: 'not_composed',
  },
  expired: { status: 'expired', reason: 'its window closed', code: null },
  planned: { status: 'planned', code: null },
  sent: { status: 'sent', code: null },
  'at the end of its window': { status: 'planned', tryAt: END, code: null },
}

/** Deliveries of a reader who has paused. */
const PAUSED: Record<string, State & { readonly held: boolean }> = {
  'held since it was planned': { status: 'planned', tryAt: END, held: true },
  'held since it was deferred': { status: 'retry', tryAt: END, held: true },
  'held since it was unknown': { status: 'unknown', tryAt: END, held: true },
  'not held, since it was asked for': { status: 'retry', kind: 'link', tryAt: END, held: false },
  'not held, since it came back later': { status: 'retry', held: false },
  'not held, since it has come': { status: 'sent', tryAt: END, held: false },
}

/** Deliveries with an unknown outcome, by how often they were resent. */
const UNKNOWN: Record<string, State & { readonly now: readonly [number, boolean] }> = {
  'never sent again, since its reader left': { status: 'unknown', resends: 99, now: [5, true] },
  'sent again until now': { status: 'unknown', resends: 2, now: [2, false] },
  'sent again for the last time': { status: 'unknown', resends: 5, now: [5, false] },
}

const rowOf = async (item: string) =>
  db.selectFrom('deliveries').selectAll().where('item', '=', item).executeTakeFirstOrThrow()

describe('a reason in words becomes a code', () => {
  it.each(Object.entries(WRITTEN))('for one that is %s', async (item, { reason = null, code }) => {
    expect(await rowOf(item)).toMatchObject({ reason, reason_code: code })
  })

  it('for one from the first version, too', async () => {
    expect(await rowOf('disabled at first')).toMatchObject({ reason_code: 'mailbox_disabled' })
  })

  it('and other codes are rejected', async () => {
    const other = sql`update ledger set reason_code = 'other' where item = 'sent'`.execute(db)
    await expect(other).rejects.toMatchObject({ constraint: 'deliveries_reason_code_check' })
  })
})

describe('a mail that a pause held by its time of next try is marked as held', () => {
  it.each(Object.entries(PAUSED))('or not: one that is %s', async (item, { held, tryAt }) => {
    const row = await rowOf(item)
    expect([row.held, row.try_at?.equals(row.until)]).toEqual([held, tryAt === END])
  })

  it('and no mail of a reader who has not paused is', async () => {
    expect(await rowOf('at the end of its window')).toMatchObject({ held: false })
  })
})

describe('an unknown mail whose count of resends was set to 99 is never resent', () => {
  it.each(Object.entries(UNKNOWN))('or not: one that is %s', async (item, { now }) => {
    const { resends, resends_ended } = await rowOf(item)
    expect([resends, resends_ended]).toEqual(now)
  })
})

it('servers that a name prefix marked as halted or believed have rows of their own', async () => {
  const { rows } = await sql`select name, halted_at::text, refused, believed_at::text
    from refusing_servers order by name`.execute(db)
  const at = expect.stringContaining('2027-03-19')
  expect(rows).toEqual([
    { name: 'a:25', halted_at: at, refused: 26, believed_at: at },
    { name: 'b:25', halted_at: null, refused: null, believed_at: at },
  ])
  const { rows: paces } = await sql`select name from paces`.execute(db)
  expect(paces).toEqual([{ name: 'a:25' }])
})
