/** The ledger as it stands, and one lesson in it that is due. */
import { messageIdOf } from '../../src/store/message-id.ts'
import { enrolled, type TestApp } from './app.ts'

export const ledger = ({ db }: TestApp) =>
  db
    .selectFrom('deliveries as d')
    .selectAll()
    // Whole: of a mail that was sent only its domain is kept.
    .select(messageIdOf.as('message_id'))
    .orderBy('created_at')
    .orderBy('id')
    .execute()

export async function dueLesson(test: TestApp) {
  await enrolled(test, { series: ['inner-wisdom'] })
  await test.db.deleteFrom('deliveries').execute()
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  const [row] = await ledger(test)
  if (!row) throw new Error('nothing was planned')
  return row
}
