/** One mail of every kind, as received over SMTP, and the links in it that lead to us. */

import { DELIVERY_KINDS, type DeliveryKind } from '../../src/domain/delivery.ts'
import { messageIdOf } from '../../src/store/message-id.ts'
import { ask, CONSENT, enrolled, skipTheRest, type TestApp } from './app.ts'
import { putArticle } from './letters.ts'
import { linksOf, type Mailbox, type Received } from './mailbox.ts'

/**
 * Simulates readers until each kind of mail has been sent. Leaves one unconfirmed request, and four
 * readers.
 */
export async function sendEveryKind(test: TestApp): Promise<void> {
  const newest = (kind: DeliveryKind) =>
    test.db
      .selectFrom('deliveries')
      .select('id')
      .where('kind', '=', kind)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
  await ask(test, { email: 'pending@example.com' })
  const { first } = await enrolled(test)
  await enrolled(test, { email: 'dora@example.com', series: ['reading-letter'] })
  await test.settle()
  test.clock.set('2027-03-20T06:00:00Z')
  const { language = 'en' } = test.app.series.get('reading-letter') ?? {}
  await putArticle(test, { slug: 'two-cups', words: '①', language })
  await test.settle() // the first lesson with its inspiration, and a letter
  await test.app.reader.sendAgain(first.id)
  await test.settle()
  await skipTheRest(test, first.id)
  test.clock.set('2027-03-21T06:00:00Z')
  await test.settle() // the completion, and an inspiration alone
  const reader = await enrolled(test, { email: 'bob@example.com' })
  for (const spec of ['bob@example.net', 'bob@example.org']) {
    await test.app.reader.changeAddress(reader.first.id, { spec, key: spec })
    await test.settle()
  }
  await test.app.reader.confirmAddress((await newest('change')).id, CONSENT)
  await test.app.visitor.requestLink({ spec: 'bob@example.org', key: 'bob@example.org' })
  await test.app.sender.processRequests()
  // Not for Bob: his requests wait, since his address is new.
  for (const right of ['export', 'erase'] as const)
    await test.app.reader.requestRight(first.id, right)
  await test.app.member.requestSignIn(
    { spec: 'ada@example.com', key: 'ada@example.com' },
    { leadsTo: '/member' },
  )
  await test.app.sender.processRequests()
  // A new welcome: the links in Bob's are void after his change.
  await enrolled(test, { email: 'carol@example.com' })
  await test.settle()
  // Two days have passed: a worker would purge old rows soon after its start, at any moment.
  await test.app.sender.purge()
}

/** The newest mail of each kind, found by the ledger's Message-ID. */
export async function mailsByKind(
  { db }: TestApp,
  { received }: Mailbox,
): Promise<Map<DeliveryKind, Received>> {
  const rows = await db
    .selectFrom('deliveries as d')
    .select(['kind', messageIdOf.as('message_id')])
    .where('status', '=', 'sent')
    .orderBy('id')
    .execute()
  const found = new Map(
    rows.flatMap(({ kind, message_id }): [DeliveryKind, Received][] => {
      const one = received.find(({ mail }) => mail.messageId === message_id)
      return one ? [[kind, one]] : []
    }),
  )
  const missing = DELIVERY_KINDS.filter((kind) => !found.has(kind))
  if (missing.length > 0) throw new Error(`none came of ${missing}`)
  return found
}

export const ourLinks = ({ app }: TestApp, received: Received) =>
  linksOf(received).filter((link) => link.startsWith(app.siteUrl))
