import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/store/postgres/sql.ts'
import { ask, CONSENT, enrolled } from '../../support/app.ts'
import { textOf } from '../../support/page.ts'
import { until } from '../../support/wait.ts'
import {
  allRows,
  answerOf,
  FORM,
  from,
  landed,
  leadsTo,
  stamped,
  type TestWeb,
  testWeb,
} from '../../support/web.ts'

const PATH = '/courses/inner-wisdom'
/** The sealed form that links on a page carry along. */
const SEAL = /form&#x3D;[\w.-]+/g

describe('a good form', () => {
  it('stores the person, their consent and its network, and asks them once to confirm', async () => {
    await using web = await testWeb()
    const response = await web.enroll(FORM, from('198.51.100.77'))
    expect(response.status).toBe(303)
    expect(leadsTo(response)).toBe('/enrolled')
    const enrollments = await web.db
      .selectFrom('enrollments')
      .selectAll()
      .orderBy('series')
      .execute()
    expect(enrollments).toMatchObject([
      {
        series: 'daily-inspiration',
        status: 'pending',
        time_of_day: '07:00',
        zone: 'Europe/Berlin',
      },
      { series: 'inner-wisdom', status: 'pending', time_of_day: '07:00', zone: 'Europe/Berlin' },
    ])
    const consents = await web.db.selectFrom('consents').selectAll().execute()
    expect(consents).toHaveLength(2)
    const page = textOf(await (await web.get(PATH)).text())
    for (const { event, network, source, wording } of consents) {
      expect({ event, network, source }).toEqual({
        event: 'asked',
        network: '198.51.100.0/24',
        source: `https://courses.example${PATH}`,
      })
      expect(page).toContain(wording)
    }
    expect(await questions(web)).toBe(1)
  })

  it('without the daily box checked brings the course alone', async () => {
    await using web = await testWeb()
    const { daily: _, ...fields } = FORM
    await web.enroll(fields)
    expect(await web.db.selectFrom('enrollments').select('series').execute()).toEqual([
      { series: 'inner-wisdom' },
    ])
  })

  it('is accepted as multipart as well', async () => {
    await using web = await testWeb()
    const body = new FormData()
    for (const [name, value] of Object.entries(stamped(web, FORM)))
      for (const one of [value].flat()) body.append(name, one)
    expect((await web.post(PATH, body)).status).toBe(303)
    expect(await web.db.selectFrom('enrollments').select('weekdays').executeTakeFirst()).toEqual({
      weekdays: [1, 2, 3, 4, 5, 6, 7],
    })
  })
})

/** Somebody in every state: new, waiting, enrolled, gone, and never to be mailed again. */
const EVERYBODY = ['new', 'waiting', 'active', 'left', 'gone', 'bounced'].map(
  (who) => `${who}@example.com`,
)

async function acquaintances(web: TestWeb) {
  await ask(web, { email: 'waiting@example.com' })
  await enrolled(web, { email: 'active@example.com' })
  for (const [email, scope] of [
    ['left@example.com', 'series'],
    ['gone@example.com', 'everything'],
  ] as const) {
    const { first } = await enrolled(web, { email })
    await web.app.reader.unsubscribe(first.id, scope, CONSENT)
  }
  const { subscriber } = await enrolled(web, { email: 'bounced@example.com' })
  await web.db
    .insertInto('suppressions')
    .values({
      address_hash: subscriber.address_hash,
      reason: 'bounce',
      created_at: String(web.app.now()),
    })
    .execute()
}

describe('the answer to a good form', () => {
  it('is the same for everybody', async () => {
    await using web = await testWeb()
    await acquaintances(web)
    const answers = []
    for (const email of EVERYBODY) {
      const response = await web.enroll({ ...FORM, email })
      const { status, body, headers } = await answerOf(response)
      const page = await landed(web, response)
      const [to, shown] = [leadsTo(response), page.replaceAll(email, '').replaceAll(SEAL, '')]
      answers.push({ status, body, headers: { ...headers, location: to }, shown })
      expect(page).toContain(email)
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.status).toBe(303)
  })

  it('comes before anything about the address is looked up, and loses nothing', async () => {
    await using web = await testWeb()
    await acquaintances(web)
    const { length: before } = await web.db.selectFrom('enrollments').select('id').execute()
    await web.db.transaction().execute(async (tx) => {
      const personal = 'subscribers, enrollments, consents, deliveries, suppressions'
      await sql`lock table ${sql.raw(personal)} in access exclusive mode`.execute(tx)
      for (const email of EVERYBODY)
        expect((await web.send(PATH, stamped(web, { ...FORM, email }))).status).toBe(303)
    })
    await web.app.sender.processRequests()
    const after = await web.db.selectFrom('enrollments').select('id').execute()
    // Both series for the newcomer and whoever left everything; the course for whoever left it.
    expect(after.length - before).toBe(5)
    expect(await web.db.selectFrom('requests').select('id').execute()).toEqual([])
  })

  it('is honored when the database connection breaks during the work', async () => {
    await using web = await testWeb()
    await web.db.transaction().execute(async (tx) => {
      await sql`lock table subscribers in access exclusive mode`.execute(tx)
      await web.send(PATH, stamped(web, FORM))
      await until(
        'the work to have begun',
        async () => (await waitersFor('subscribers', tx)).length === 1,
      )
      for (const { pid } of await waitersFor('subscribers', tx))
        await sql`select pg_terminate_backend(${pid})`.execute(tx)
    })
    await web.app.sender.processRequests()
    expect(await web.db.selectFrom('enrollments').select('id').execute()).toHaveLength(2)
    expect(await questions(web)).toBe(1)
  })
})

/** The connections that wait for a lock on this table. */
const waitersFor = async (table: string, db: Db) => {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_locks where not granted and relation = ${table}::regclass`.execute(db)
  return rows
}

describe('enrolling again', () => {
  it('changes nothing, and mails no more than twice and never twice in a day', async () => {
    await using web = await testWeb()
    const start = web.app.now()
    const seen: number[] = []
    let first: Awaited<ReturnType<typeof withoutMail>> | undefined
    for (const hours of [0, 1, 23.9, 24.1, 30, 49, 73, 24 * 6, 24 * 10, 24 * 13]) {
      web.clock.set(start.add({ minutes: hours * 60 }))
      await web.db.deleteFrom('rate_limits').execute() // the hour of the limits has passed
      const other =
        hours > 0 ? { name: 'Eve', time: '09:30', zone: 'Asia/Tokyo', weekdays: ['1'] } : {}
      expect((await web.enroll({ ...FORM, ...other })).status).toBe(303)
      first ??= await withoutMail(web)
      expect(await withoutMail(web)).toEqual(first)
      seen.push(await questions(web))
    }
    expect(seen).toEqual([1, 1, 1, 2, 2, 2, 2, 2, 2, 2])
  })

  it('mails nothing to those who already have what they ask for', async () => {
    await using web = await testWeb()
    const { enrollments } = await enrolled(web)
    expect(enrollments).toHaveLength(2)
    const before = await allRows(web.db)
    web.clock.set(web.app.now().add({ hours: 30 }))
    await web.enroll({ ...FORM, time: '09:30', zone: 'Asia/Tokyo' })
    expect({ ...(await allRows(web.db)), rate_limits: [] }).toEqual(before)
  })

  it('in another spelling of the address is the same person', async () => {
    await using web = await testWeb()
    await web.enroll(FORM)
    await web.enroll({ ...FORM, email: ' ADA@Example.COM ' })
    expect(await web.db.selectFrom('subscribers').select('address').execute()).toEqual([
      { address: 'ada@example.com' },
    ])
  })

  it('in another series on the same day adds it to the confirmation that is already out', async () => {
    await using web = await testWeb()
    const { daily: _, ...fields } = FORM
    await web.enroll(fields)
    await web.enroll(fields, {}, 'daily-inspiration')
    expect(await web.db.selectFrom('enrollments').select('status').execute()).toEqual([
      { status: 'pending' },
      { status: 'pending' },
    ])
    expect(await questions(web)).toBe(1)
    web.clock.set(web.app.now().add({ hours: 25 }))
    await web.enroll(fields, {}, 'daily-inspiration')
    expect(await questions(web)).toBe(2)
  })

  it('five times at once makes one person, one confirmation and one enrollment a series', async () => {
    await using web = await testWeb()
    const answers = await Promise.all(Array.from({ length: 5 }, () => web.enroll(FORM)))
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303, 303])
    const { subscribers, enrollments, consents } = await allRows(web.db)
    expect([subscribers, enrollments, consents].map((rows) => rows?.length)).toEqual([1, 2, 2])
    expect(await questions(web)).toBe(1)
  })

  it('is possible again once an unanswered request was purged', async () => {
    await using web = await testWeb()
    await leaveTwoQuestionsUnanswered(web)
    await web.enroll(FORM)
    expect(await lately(web)).toBe(1)
  })

  it('is possible again for known readers as well', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    await web.app.reader.unsubscribe(first.id, 'everything', CONSENT)
    web.clock.set(web.app.now().add({ hours: 24 * 30 }))
    await leaveTwoQuestionsUnanswered(web)
    await web.enroll(FORM)
    expect(await lately(web)).toBe(1)
  })
})

const questions = async ({ db }: TestWeb) =>
  (
    await db
      .selectFrom('deliveries')
      .select('id')
      .where('kind', '=', 'confirm')
      .orderBy('id')
      .execute()
  ).length

/** Confirmation mails of the last day. */
const lately = async ({ db, app }: TestWeb) => {
  const sent = await db
    .selectFrom('deliveries')
    .select('created_at')
    .where('kind', '=', 'confirm')
    .orderBy('id')
    .execute()
  return sent.filter(
    ({ created_at }) => Temporal.Instant.compare(created_at, app.now().subtract({ hours: 24 })) > 0,
  ).length
}

async function withoutMail({ db }: TestWeb) {
  const { deliveries: _, rate_limits: __, form_mails: ___, ...rows } = await allRows(db)
  return rows
}

/** Asks today and the day after, and lets fifteen days pass; the hourly purge runs. */
async function leaveTwoQuestionsUnanswered(web: TestWeb) {
  for (const hours of [0, 25]) {
    web.clock.set(web.app.now().add({ hours }))
    await web.enroll(FORM)
  }
  web.clock.set(web.app.now().add({ hours: 24 * 15 }))
  await web.app.sender.purge()
}
