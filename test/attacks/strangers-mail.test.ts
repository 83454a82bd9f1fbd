/**
 * Mail that strangers can cause: who can be mailed by filling in a form, how often, and with
 * whose words.
 */
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FormRequestedKind } from '../../src/domain/delivery.ts'
import { ask, CONSENT, enrolled, skipTheRest, testApp } from '../support/app.ts'
import { type Mailbox, openMailbox, type Received } from '../support/mailbox.ts'
import { openStatements } from '../support/statements.ts'
import { FORM, leadsTo, stamped, type TestWeb, testWeb } from '../support/web.ts'

const preferences = (web: TestWeb, enrollmentId: string) =>
  web.app.links.url('preferences', enrollmentId, web.app.now())

/** The mails of a kind in the ledger. */
const ledger = ({ db }: Pick<TestWeb, 'db'>, kind: FormRequestedKind) =>
  db
    .selectFrom('deliveries')
    .select(['id', 'recipient', 'status'])
    .where('kind', '=', kind)
    .orderBy('id')
    .execute()

const suppress = async (
  web: Pick<TestWeb, 'db' | 'app'>,
  hash: Buffer,
  reason: 'bounce' | 'complaint',
) =>
  web.db
    .insertInto('suppressions')
    .values({ address_hash: hash, reason, created_at: String(web.app.now()) })
    .execute()

/** People with different histories, of whom only the first two may get a link. */
async function acquaintances(web: TestWeb) {
  await enrolled(web, { email: 'active@example.com' })
  const done = await enrolled(web, { email: 'completed@example.com', series: ['inner-wisdom'] })
  await skipTheRest(web, done.first.id)
  await web.db
    .updateTable('enrollments')
    .set({ status: 'completed', due_on: null, due_at: null })
    .where('id', '=', done.first.id)
    .execute()
  await ask(web, { email: 'unconfirmed@example.com' })
  for (const [email, scope] of [
    ['left@example.com', 'everything'],
    ['left-the-series@example.com', 'series'],
  ] as const) {
    const { first } = await enrolled(web, { email, series: ['inner-wisdom'] })
    await web.app.reader.unsubscribe(first.id, scope, CONSENT)
  }
  const { subscriber } = await enrolled(web, { email: 'complained@example.com' })
  await suppress(web, subscriber.address_hash, 'complaint')
}
const FRIENDS = ['active@example.com', 'completed@example.com']
const OTHERS = ['unconfirmed', 'left', 'left-the-series', 'complained', 'nobody'].map(
  (one) => `${one}@example.com`,
)

/** The addresses that were or will be sent a link. */
async function linksTo({ db }: TestWeb) {
  const rows = await db
    .selectFrom('deliveries as d')
    .innerJoin('enrollments as e', 'e.id', 'd.enrollment_id')
    .innerJoin('subscribers as s', 's.id', 'e.subscriber_id')
    .select('s.address')
    .where('d.kind', '=', 'link')
    .orderBy('s.address')
    .execute()
  return rows.map(({ address }) => address)
}

describe('a fresh link', () => {
  it('is sent once a day, and only to people who confirmed and have not left', async () => {
    await using web = await testWeb()
    await acquaintances(web)
    const start = web.app.now()
    const askAll = async (after: Temporal.DurationLike) => {
      web.clock.set(start.add(after))
      await web.db.deleteFrom('rate_limits').execute() // as if from new networks
      for (const email of [...FRIENDS, ...OTHERS])
        expect(leadsTo(await web.askForLink(email))).toBe('/link/sent')
      return linksTo(web)
    }
    for (const minutes of [0, 1, 60, 24 * 60 - 1])
      expect(await askAll({ minutes })).toEqual(FRIENDS)
    expect(await askAll({ hours: 24 })).toEqual([...FRIENDS, ...FRIENDS].sort())
  })

  it('is not sent if its reader has left in the meantime', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    await web.askForLink('ada@example.com')
    await web.app.reader.unsubscribe(first.id, 'everything', CONSENT)
    await web.settle()
    expect(await ledger(web, 'link')).toMatchObject([{ status: 'skipped' }])
  })

  it('is planned by the next process if the program ended after the request', async () => {
    await using web = await testWeb()
    await enrolled(web)
    await web.db.transaction().execute(async (tx) => {
      await sql`lock table subscribers in access exclusive mode`.execute(tx)
      await web.send('/link', stamped(web, { email: 'ada@example.com' }, '/link'))
      expect(await tx.selectFrom('link_requests').select('address_key').execute()).toEqual([
        { address_key: 'ada@example.com' },
      ])
    })
    await using other = await testApp({ env: { DATABASE_URL: web.app.databaseUrl } })
    await other.app.sender.processRequests()
    await web.app.sender.processRequests()
    expect(await ledger(web, 'link')).toHaveLength(1)
  })
})

describe('the work caused by a form', () => {
  it.each([
    ['/link', (web: TestWeb, email: string) => web.askForLink(email)],
    ['/sign-in', (web: TestWeb, email: string) => web.askToSignIn(email)],
    ['the form of a course', (web: TestWeb, email: string) => web.enroll({ ...FORM, email })],
  ])('is the same for every address, statement by statement, for %s', async (_, fill) => {
    using statements = openStatements()
    await using web = await testWeb({ isNew: true })
    await acquaintances(web)
    const of = (email: string) => statements.during(web.app.databaseUrl, () => fill(web, email))
    const unknown = await of('new@example.com')
    expect(unknown.join(' ')).toContain('form_mails')
    for (const email of [...FRIENDS, ...OTHERS]) expect(await of(email), email).toEqual(unknown)
  })
})

/**
 * What somebody can do to have a mail of this kind sent to `stranger@example.com` or themselves.
 */
const TRIES: Readonly<Record<FormRequestedKind, (web: TestWeb, n: number) => Promise<unknown>>> = {
  confirm: (web, n) =>
    web.enroll(
      { ...FORM, email: 'stranger@example.com' },
      {},
      n % 2 ? 'inner-wisdom' : 'daily-inspiration',
    ),
  change: async (web, n) => {
    const { first } = await enrolled(web, { email: `attacker${n}@example.com` })
    return web.post(preferences(web, first.id), { do: 'address', email: 'Stranger@example.com' })
  },
  link: (web) => web.askForLink('ada@example.com'),
  export: (web) => askedBy(web, 'export'),
  erase: (web) => askedBy(web, 'erase'),
  'sign-in': (web) => web.askToSignIn('ada@example.com'),
}

/** The least time between two of a kind: how long a sign-in link works, or else a day. */
const minutesApart = (kind: FormRequestedKind) => (kind === 'sign-in' ? 15 : 24 * 60)

async function askedBy(web: TestWeb, right: 'export' | 'erase') {
  const subscriber = await web.app.operator.subscriberByKey('ada@example.com')
  const [first] = await web.app.operator.enrollmentsOf(subscriber?.id ?? '')
  return web.post(preferences(web, first?.id ?? ''), { do: right })
}

describe.each(Object.keys(TRIES) as FormRequestedKind[])('a mail of kind %s', (kind) => {
  it('is sent to an address once per period, whoever asks and in whatever process', async () => {
    await using web = await testWeb()
    await using other = await testWeb({ env: { DATABASE_URL: web.app.databaseUrl } })
    await enrolled(web)
    const start = web.app.now()
    const { length: before } = await ledger(web, kind)
    const tryAll = async (from: number) => {
      await web.db.deleteFrom('rate_limits').execute()
      const tries = [0, 1, 2, 3, 4, 5].map((n) => TRIES[kind](n % 2 ? web : other, from + n))
      await Promise.all(tries)
      return (await ledger(web, kind)).length - before
    }
    expect(await tryAll(0)).toBe(1)
    for (const one of [web, other]) one.clock.set(start.add({ minutes: minutesApart(kind) - 1 }))
    expect(await tryAll(6)).toBe(1)
    for (const one of [web, other]) one.clock.set(start.add({ minutes: minutesApart(kind) }))
    expect(await tryAll(12)).toBe(2)
  })
})

describe('the limit on such mails', () => {
  it('outlives erasure: enrolling again causes no second confirm mail that day', async () => {
    await using web = await testWeb()
    await web.enroll()
    const asked = await ledger(web, 'confirm')
    const subscriber = await web.app.operator.subscriberByKey('ada@example.com')
    await web.app.reader.erase(subscriber?.id ?? '')
    await web.enroll()
    expect(asked).toHaveLength(1)
    expect(await ledger(web, 'confirm')).toEqual([])
  })

  it('outlives a new SECRET_KEY, stores no plain address, and is forgotten after a day', async () => {
    await using web = await testWeb()
    await enrolled(web)
    await web.askForLink('ada@example.com')
    const env = {
      DATABASE_URL: web.app.databaseUrl,
      SECRET_KEY: `a newer key of some length,${KEY}`,
    }
    await using other = await testWeb({ env })
    await other.askForLink('ada@example.com')
    expect(await ledger(web, 'link')).toHaveLength(1)
    const { rows } = await sql<{ row: string }>`select f::text as row from form_mails f`.execute(
      web.db,
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain('ada')
    web.clock.set(web.app.now().add({ hours: 24 }))
    await web.app.sender.purge()
    expect(await web.db.selectFrom('form_mails').select('kind').execute()).toEqual([])
  })

  it('allows rights mails to people who left, but not if unconfirmed or after a complaint', async () => {
    await using web = await testWeb()
    const { first } = await enrolled(web)
    await web.app.reader.unsubscribe(first.id, 'everything', CONSENT)
    await web.post(preferences(web, first.id), { do: 'erase' })
    await web.settle()
    expect(await ledger(web, 'erase')).toMatchObject([{ status: 'sent' }])
    const waiting = await ask(web, { email: 'waiting@example.com' })
    const [pending] = await web.app.operator.enrollmentsOf(waiting.id)
    const gone = await enrolled(web, { email: 'gone@example.com' })
    await suppress(web, gone.subscriber.address_hash, 'complaint')
    for (const id of [pending?.id ?? '', gone.first.id])
      await web.post(preferences(web, id), { do: 'export' })
    expect(await ledger(web, 'export')).toEqual([])
  })
})

const KEY = 'a key for tests and for nothing else'
const MESSAGES = [
  'Your account is locked, call +1 900 555 0199',
  'x.co',
  'a@b.co',
  '=?utf-8?Q?Win_at_evil=2Eexample?=',
  'Call 0900 now',
  'Pay: at once!',
  'Ada\u200B',
  'Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
]

/** Everything in a mail that a person may see. */
const shownIn = ({ raw, mail }: Received) =>
  [raw.toString('latin1'), mail.subject, mail.text, mail.html, JSON.stringify(mail.to)].join('\n')

describe('a name that is a message', () => {
  let mailbox: Mailbox
  let web: TestWeb
  beforeAll(async () => {
    mailbox = await openMailbox()
    web = await testWeb({ env: { SMTP_URL: mailbox.url } })
  })
  afterAll(async () => {
    await web?.[Symbol.asyncDispose]()
    await mailbox?.[Symbol.asyncDispose]()
  })

  it.each(MESSAGES.map((name, n) => [name, n] as const))(
    '%s: is accepted, and is in no mail to an unconfirmed address',
    async (name, n) => {
      const [email, stranger] = [`p${n}@example.com`, `stranger${n}@example.com`]
      expect(
        (await web.enroll({ ...FORM, email, name }, { 'X-Forwarded-For': `10.0.${n}.1` })).status,
      ).toBe(303)
      await web.settle()
      const subscriber = await web.app.operator.subscriberByKey(email)
      const [confirmed] = await web.app.reader.confirm(subscriber?.id ?? '', CONSENT)
      await web.post(preferences(web, confirmed?.id ?? ''), { do: 'address', email: stranger })
      await web.settle()
      const question = mailbox
        .to(email)
        .find(({ mail }) => mail.subject === 'Please confirm your address')
      const [change] = mailbox.to(stranger)
      for (const received of [question, change]) {
        if (!received) throw new Error('nothing came')
        for (const part of [name, 'evil.example', 'Win at'])
          expect(shownIn(received)).not.toContain(part)
        expect(received.mail.to).toEqual([{ address: received.to[0], name: '' }])
      }
      // By confirming, a reader agrees to mail that addresses them this way.
      const welcome = mailbox
        .to(email)
        .find(({ mail }) => mail.headers.some(({ key }) => key === 'list-id'))
      expect(welcome?.mail.to?.map((to) => to.name)).toEqual([subscriber?.first_name])
    },
  )

  it('is distinguished from a real name, which is used to greet', async () => {
    await web.enroll({ ...FORM, email: 'nguyen@example.com', name: 'Nguyễn Thị' })
    await web.settle()
    const [question] = mailbox.to('nguyen@example.com')
    expect(question?.mail.to).toEqual([{ address: 'nguyen@example.com', name: 'Nguyễn Thị' }])
    expect(question?.mail.text).toContain('Nguyễn Thị')
  })
})
