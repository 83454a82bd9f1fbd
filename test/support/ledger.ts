/** The rows of the ledger, and one lesson in it that is due. */
import { sql } from 'kysely'
import { messageIdOf } from '../../src/store/message-id.ts'
import { editionOf, replyOf, serverOf } from '../../src/store/sendings.ts'
import { enrolled, type TestApp } from './app.ts'

export const ledger = ({ db }: TestApp) =>
  db
    .selectFrom('deliveries as d')
    .selectAll()
    // Completed, since values that sent mails share are stored once.
    .select([messageIdOf.as('message_id'), editionOf.as('edition'), serverOf.as('server')])
    .select(replyOf.as('reply'))
    .orderBy('created_at')
    .orderBy('id')
    .execute()

/** As if the worker `gone` had died before it could record that its mails were sent. */
export async function forgetSent({ db }: TestApp): Promise<void> {
  await sql`
    update ledger l set status = 'sending', worker = 'gone', sent_at = null, sending = null,
      edition = ${editionOf}, server = ${serverOf}, reply = ${replyOf}, message_id = ${messageIdOf},
      series = d.series, kind = d.kind, item = d.item, created_at = d.created_at,
      first_tried_at = d.first_tried_at, try_at = d.due_at,
      until = (d.local_date + time '21:00') at time zone e.zone
    from deliveries d join enrollments e on e.id = d.enrollment_id
    where l.id = d.id and l.status in ('sent', 'merged')`.execute(db)
}

export async function dueLesson(test: TestApp) {
  await enrolled(test, { series: ['inner-wisdom'] })
  await test.db.deleteFrom('ledger').execute()
  test.clock.set('2027-03-20T06:00:00Z')
  await test.app.sender.plan()
  const [row] = await ledger(test)
  if (!row) throw new Error('nothing was planned')
  return row
}
