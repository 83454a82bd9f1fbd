/** The envelope sender to which bounces return, and refusals in SMTP that count as bounces. */
import { expect, it } from 'vitest'
import { openReturnPaths } from '../../../src/security/return-paths.ts'
import { openSecrets } from '../../../src/security/secrets.ts'
import { testApp } from '../../support/app.ts'
import { dueLesson, ledger } from '../../support/ledger.ts'
import { openMailbox } from '../../support/mailbox.ts'

const SECRET = 'a key for tests and for nothing else'
const paths = openReturnPaths(openSecrets([SECRET]))
const KEY = { key: 'ada@example.com' }

const refusing = (code: number, words: string, senders: string[] = []) =>
  openMailbox({
    onMailFrom: ({ address }, _session, done) => {
      senders.push(address)
      done()
    },
    onRcptTo: (_address, _session, done) =>
      done(Object.assign(new Error(words), { responseCode: code })),
  })

it('the envelope sender identifies its mail, and is the same on every attempt', async () => {
  const senders: string[] = []
  await using relay = await refusing(451, '4.7.1 later', senders)
  await using test = await testApp({
    env: { SMTP_URL: relay.url, SECRET_KEY: SECRET, BOUNCE_DOMAIN: 'Bounces.example' },
  })
  const { id, enrollment_id: enrollmentId } = await dueLesson(test)
  for (let attempt = 0; attempt < 2; attempt++) {
    await test.app.sender.deliver([id])
    test.clock.set(test.clock.now().add({ hours: 2 }))
  }
  expect(senders).toHaveLength(2)
  expect(new Set(senders).size).toBe(1)
  const [localPart = '', domain] = senders[0]?.split('@') ?? []
  expect(domain).toBe('bounces.example')
  expect(paths.read(localPart)).toMatchObject({ of: 'enrollment', enrollmentId })
})

it('the envelope sender is the From address if no bounce domain is set', async () => {
  const senders: string[] = []
  await using relay = await refusing(451, '4.7.1 later', senders)
  await using test = await testApp({ env: { SMTP_URL: relay.url } })
  const { id } = await dueLesson(test)
  await test.app.sender.deliver([id])
  expect(senders).toEqual(['morning@dawnpost.example'])
})

it('a refusal in SMTP suppresses the address like a bounce, with a report', async () => {
  await using relay = await refusing(550, '5.1.1 <ada@example.com> no such user')
  await using test = await testApp({ env: { SMTP_URL: relay.url } })
  const { id, series } = await dueLesson(test)
  await test.app.sender.deliver([id])
  const { suppressions, reports } = await test.app.bounces.addressFacts(KEY)
  expect(suppressions).toMatchObject([{ reason: 'bounce', source: 'smtp' }])
  expect(reports).toMatchObject([
    {
      class: 'hard',
      delivery_id: id,
      series,
      status: '5.1.1',
      diagnostic: '550 5.1.1 <…@…> no such user',
    },
  ])
  expect(suppressions[0]?.report_id).toBe(reports[0]?.id)
})

it('a mail that was retried until it was given up counts as a soft bounce', async () => {
  await using relay = await refusing(452, '4.2.2 mailbox full')
  await using test = await testApp({ env: { SMTP_URL: relay.url, RETRY_MINUTES: '1' } })
  const { id } = await dueLesson(test)
  await test.db.updateTable('ledger').set({ until: '2027-04-20T00:00:00Z' }).execute()
  await test.app.sender.deliver([id])
  test.clock.set(test.clock.now().add({ hours: 6 * 24 }))
  await test.app.sender.deliver([id])
  expect(await ledger(test)).toMatchObject([
    { status: 'refused', reason: 'given up: 452 4.2.2 mailbox full' },
  ])
  const { suppressions, reports } = await test.app.bounces.addressFacts(KEY)
  expect(reports).toMatchObject([{ class: 'soft', delivery_id: id }])
  expect(suppressions).toEqual([])
})
