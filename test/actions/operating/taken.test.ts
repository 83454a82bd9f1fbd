/** A worker was killed after a server had accepted its mail and before the ledger knew. */
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openHandovers } from '../../../src/platform/handovers.ts'
import { folder } from '../../content/folder.ts'
import { testApp } from '../../support/app.ts'
import { openMailbox } from '../../support/mailbox.ts'
import { both } from '../sending/both.ts'

const EDITION = 'ab'.repeat(16)

it.each([
  ['sent, the inspiration in it too, and not sent again', true, ['merged', 'sent'], 0],
  ['sent again, where nobody knows that it was taken', false, ['merged', 'sent'], 1],
] as const)('a mail whose worker was killed is %s', async (_, isTaken, statuses, mails) => {
  await using mailbox = await openMailbox()
  await using notes = await folder({})
  await using test = await testApp({ env: { DATA_DIR: notes.path, SMTP_URL: mailbox.url } })
  await both(test)
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  await sql`insert into workers (name, lease_until) values ('gone', '2020-01-01')`.execute(test.db)
  const { rows } = await sql<{ id: string }>`
    update ledger set status = 'sending', worker = 'gone', attempts = 1,
      first_tried_at = ${String(test.app.now())}
    returning id`.execute(test.db)
  expect(rows).toHaveLength(2)
  const handovers = openHandovers(notes.path, { worker: 'gone', seconds: 60 })
  handovers.leased(performance.now(), false)
  handovers.beforeClaim()
  const hold = handovers.hold(rows.map(({ id }) => id))
  hold.beginHandover()
  if (isTaken) hold.markAccepted(EDITION)
  await test.settle()
  const after = await test.db.selectFrom('deliveries').selectAll().orderBy('status').execute()
  expect(after.map(({ status }) => status)).toEqual(statuses)
  expect(mailbox.received).toHaveLength(mails)
  if (!isTaken) return
  expect(after).toMatchObject([
    { edition: EDITION, sent_at: test.app.now() },
    { edition: EDITION, reason: 'the worker gone stopped after a server had taken it' },
  ])
})
