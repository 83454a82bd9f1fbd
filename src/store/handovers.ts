import { sql } from 'kysely'
import { moveOf } from '../domain/delivery.ts'
import { type Handovers, openHandovers } from '../handovers.ts'
import type { Logger } from '../log.ts'
import type { Claimed } from './deliveries.ts'
import type { Lease } from './leases.ts'
import { type Db, prepared } from './sql.ts'

/** Notes in the ledger that SMTP may have a mail, and the inspiration in it. `refusal`: what it is turned away with. */
export const openLedgerHandovers = (
  db: Db,
  lease: Lease,
  { log, refusal }: { log: Logger; refusal: () => Error },
): Handovers<Claimed> =>
  openHandovers({
    write: async (mails) => {
      const all = mails.flatMap(({ id, attempts, passenger }) => [
        { id, attempt: attempts },
        ...(passenger ? [{ id: passenger.id, attempt: passenger.attempts }] : []),
      ])
      const ours = await handOver(db, all, lease).catch((err) => {
        log.warn({ err }, 'the database did not take down what is about to be sent')
        return new Set<string>()
      })
      return ({ id, passenger }) => ours.has(id) && (!passenger || ours.has(passenger.id))
    },
    refusal,
  })

/** An attempt at a delivery. */
interface Attempt {
  readonly id: string
  readonly attempt: number
}

/**
 * Notes that SMTP may have these from now on. Returns the ids of those that this worker still holds: only they may be handed
 * over. If it dies, the others have certainly not been sent.
 */
async function handOver(db: Db, attempts: readonly Attempt[], { worker }: Lease): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    ${prepared('hand-over')} update deliveries d set handed_over = true
    from unnest(${attempts.map(({ id }) => id)}::uuid[], ${attempts.map(({ attempt }) => attempt)}::int[]) as a (id, attempt)
    where d.id = a.id and d.attempts = a.attempt and d.status = ${moveOf('claim').to} and d.worker = ${worker}
    returning d.id`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
