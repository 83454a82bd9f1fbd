/** Several SMTP servers: which one sends whose mail. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { enrolled, type TestApp, testApp } from '../../support/app.ts'
import { type Mailbox, openMailbox } from '../../support/mailbox.ts'
import { until } from '../../support/wait.ts'

const PEOPLE = Array.from({ length: 16 }, (_, number) => `reader${number}@example.com`)

let tried: { server: string; to: string }[]
let [one, two]: Mailbox[] = []
let test: TestApp

/** Defers every recipient once, and records each attempt. */
const greylisting = (server: string) => {
  const known = new Set<string>()
  return openMailbox({
    // Shutting down does not wait for open connections.
    closeTimeout: 100,
    onRcptTo: ({ address }, _session, done) => {
      tried.push({ server, to: address })
      if (known.has(address)) return done()
      known.add(address)
      done(Object.assign(new Error('4.7.1 greylisted'), { responseCode: 451 }))
    },
  })
}

beforeEach(async () => {
  tried = []
  one = await greylisting('one')
  two = await greylisting('two')
  test = await testApp({ env: { SMTP_URL: one.url, SMTP_URL_2: two.url } })
  for (const email of PEOPLE) await enrolled(test, { email, series: ['inner-wisdom'] })
  await test.db.deleteFrom('ledger').execute()
  tried = []
})
afterEach(async () => {
  await test[Symbol.asyncDispose]()
  for (const mailbox of [one, two]) await mailbox?.[Symbol.asyncDispose]()
})

async function morning(date: string) {
  test.clock.set(`${date}T06:00:00Z`)
  await test.app.sender.plan()
  await test.settle()
  test.clock.set(`${date}T06:10:00Z`)
  await test.settle()
}

const serversOf = (email: string) =>
  new Set(tried.filter(({ to }) => to === email).map(({ server }) => server))

it('several servers share the readers, and all mails of a reader, even retries, use one', async () => {
  await morning('2027-03-20')
  await morning('2027-03-21')
  expect(PEOPLE.map((email) => serversOf(email).size)).toEqual(PEOPLE.map(() => 1))
  expect(new Set(tried.map(({ server }) => server))).toEqual(new Set(['one', 'two']))
  const rows = await test.db.selectFrom('deliveries').select('status').orderBy('id').execute()
  expect(rows).toEqual(Array(2 * PEOPLE.length).fill({ status: 'sent' }))
})

it('another server stands in for one that is down, and all its readers get their mail', async () => {
  await morning('2027-03-20')
  const orphans = PEOPLE.filter((email) => serversOf(email).has('one'))
  await one?.[Symbol.asyncDispose]()
  tried = []
  await morning('2027-03-21')
  await until('everything to have gone by the other', async () => {
    test.clock.set(test.clock.now().add({ minutes: 6 }))
    await test.settle()
    const left = await test.db
      .selectFrom('deliveries')
      .select('id')
      .where('status', '<>', 'sent')
      .execute()
    return left.length === 0
  })
  expect(orphans.length).toBeGreaterThan(0)
  for (const email of orphans) expect([...serversOf(email)]).toEqual(['two'])
})
