import { expect, it } from 'vitest'
import { enrolled, testApp } from '../support/app.ts'
import { ledger } from '../support/ledger.ts'
import { openMailbox } from '../support/mailbox.ts'

/** The stored Message-ID of a mail, the one read from the ledger, and those received. */
async function sentOne(own?: string) {
  await using mailbox = await openMailbox()
  await using test = await testApp({ env: { SMTP_URL: mailbox.url } })
  await enrolled(test, { series: ['inner-wisdom'] })
  const { id } = await test.db
    .selectFrom('deliveries')
    .select('id')
    .where('kind', '=', 'welcome')
    .executeTakeFirstOrThrow()
  if (own)
    await test.db.updateTable('ledger').set({ message_id: own }).where('id', '=', id).execute()
  await test.settle()
  const { message_id: kept } = await test.db
    .selectFrom('deliveries')
    .select('message_id')
    .where('id', '=', id)
    .where('status', '=', 'sent')
    .executeTakeFirstOrThrow()
  const told = (await ledger(test)).find((row) => row.id === id)?.message_id
  return { kept, told, received: mailbox.received.map(({ mail }) => mail.messageId) }
}

it('the ledger stores only the domain of a Message-ID, and returns all of it', async () => {
  const { kept, told, received } = await sentOne()
  expect(kept).toMatch(/^@[\w.-]+$/)
  expect(told).toMatch(new RegExp(`^<[0-9a-f]{32}${RegExp.escape(kept ?? '')}>$`))
  expect(received).toContain(told)
})

it('a mail that was named by an earlier version keeps its Message-ID', async () => {
  const name = '<0193-4a5b@dawnpost.example>'
  expect(await sentOne(name)).toMatchObject({ kept: name, told: name, received: [name] })
})
